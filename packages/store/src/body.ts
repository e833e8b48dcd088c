import { EventEmitter } from 'node:events'
import { Readable, isReadable } from 'node:stream'
import { quoteKey, StoreError } from './errors.ts'
import type { StoreBody } from './store.ts'

/** A body as the core reads it. */
export interface Source {
  /** The content, once. */
  readonly chunks: AsyncIterator<unknown> | Iterator<unknown>
  /** Its size in bytes, when that is known before reading. */
  readonly size: number | undefined
  /** All of it, when it is in memory. */
  readonly bytes?: Uint8Array | undefined
}

const sliceSize = 1024 * 1024
const encoder = new TextEncoder()

/** Turns every form that `put` takes into an iterator of chunks. Refuses anything else with `INVALID_ARGUMENT`. */
export function toSource(body: StoreBody, key: string): Source {
  const value: unknown = body
  if (typeof value === 'string' || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const bytes = toBytes(value, key)
    return { chunks: slices(bytes), size: bytes.byteLength, bytes }
  }
  if (value instanceof Blob) {
    return { chunks: begunLater(value.stream()), size: value.size }
  }
  if (isAsyncIterable(value)) {
    if (isSpent(value))
      throw refuse('it is a stream that is being read, or has already ended or been destroyed', key)
    holdErrors(value)
    return { chunks: begunLater(value), size: undefined }
  }
  throw refuse('it is no text, bytes, Blob, stream or async iterable', key)
}

/** One chunk of a body as bytes. Text becomes UTF-8; what UTF-8 can't express is refused, not replaced. */
export function toBytes(chunk: unknown, key: string): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') {
    if (!chunk.isWellFormed()) throw refuse('its text holds half of a surrogate pair', key)
    return encoder.encode(chunk)
  }
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
  throw refuse(`it gave a chunk of type ${typeof chunk}, not bytes or text`, key)
}

/** Begins with the first chunk: a body that is refused before it is read stays the caller's, unlocked. */
function begunLater(body: AsyncIterable<unknown>): AsyncIterator<unknown> {
  let begun: AsyncIterator<unknown> | undefined
  return {
    next: () => (begun ??= body[Symbol.asyncIterator]()).next(),
    async return() {
      await begun?.return?.()
      return { done: true, value: undefined }
    },
  }
}

function* slices(bytes: Uint8Array): Iterator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += sliceSize) {
    yield bytes.subarray(start, start + sliceSize)
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** A content of no bytes. */
export async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** A stream that was read to its end iterates as empty: writing that would be silent data loss. A locked one is somebody else's. */
export function isSpent(value: object): boolean {
  if (value instanceof ReadableStream) {
    // Both know web streams too, which their types do not say.
    const stream = value as unknown as Readable
    return value.locked || (Readable.isDisturbed(stream) && isReadable(stream) === false)
  }
  return (
    ('readableEnded' in value && value.readableEnded === true) ||
    ('destroyed' in value && value.destroyed === true)
  )
}

// A Node stream that fails before anybody iterates it would crash the process; its iterator reports it later anyway.
function holdErrors(stream: object): void {
  if (stream instanceof EventEmitter) stream.on('error', () => undefined)
}

function refuse(reason: string, key: string): StoreError {
  return new StoreError(`The body for ${quoteKey(key)} is refused: ${reason}`, {
    code: 'INVALID_ARGUMENT',
    key,
  })
}
