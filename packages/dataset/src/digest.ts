import { isSpent } from '@prefect-ts/store/adapter'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { DatasetError } from './errors.ts'

/** Size and SHA-256 of some content. */
export interface Digest {
  readonly bytes: number
  readonly sha256: string
}

/** The digest of content that is in memory; text counts as UTF-8. */
export function digestOf(content: string | ArrayBuffer | ArrayBufferView): Digest {
  const counter = createCounter()
  counter.add(content)
  return counter.digest()
}

/** The digest of a file, in constant memory. */
export async function digestFile(file: string, signal: AbortSignal | undefined): Promise<Digest> {
  const counter = createCounter()
  try {
    // A pipe would keep the call waiting, and could not be read a second time.
    if (!(await stat(file)).isFile()) throw new Error(`${file} is not a file`)
    const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1 << 20, signal })
    for await (const chunk of chunks) counter.add(chunk)
  } catch (cause) {
    signal?.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DatasetError(`Cannot read the file to write into the dataset: ${reason}`, {
      code: 'INVALID_SOURCE',
      cause,
    })
  }
  return counter.digest()
}

/** Passes a stream on, chunk by chunk as it is, while its digest is taken. */
export function countingBody<T>(source: AsyncIterable<T>): {
  body: AsyncIterable<T>
  digest: () => Digest
} {
  if (isSpent(source)) {
    throw new DatasetError(
      'Cannot write a stream that is being read, or has already ended or been destroyed.',
      {
        code: 'INVALID_SOURCE',
      },
    )
  }
  const counter = createCounter()
  const body: AsyncIterable<T> = {
    [Symbol.asyncIterator]() {
      const chunks = source[Symbol.asyncIterator]()
      return {
        async next() {
          const result = await chunks.next()
          if (result.done !== true) counter.add(result.value)
          return result
        },
        async return() {
          await chunks.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
  return { body, digest: counter.digest }
}

function createCounter(): { add: (chunk: unknown) => void; digest: () => Digest } {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    // A chunk of another type is left to the store, which refuses it.
    add(chunk) {
      const part = toBytes(chunk)
      hash.update(part)
      bytes += part.byteLength
    },
    digest: () => ({ bytes, sha256: hash.digest('hex') }),
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  if (!ArrayBuffer.isView(chunk)) return new Uint8Array()
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
