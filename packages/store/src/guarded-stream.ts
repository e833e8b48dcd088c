import type { DriverObject } from './driver.ts'
import { createDigest } from './digest.ts'
import type { DigestStream } from './digest.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { Guard } from './guard.ts'
import type { Digest, Progress } from './store.ts'

/** What `guardedStream` needs beside the content. */
export interface GuardedStreamOptions {
  readonly key: string
  readonly guard: Guard
  /** Bytes there must be. */
  readonly length: number
  readonly digest?: Digest | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** Lets go of contents whose streams were collected, neither read to their end nor cancelled. */
const abandoned = new FinalizationRegistry((finish: () => void) => finish())

/**
 * The driver's content as a web stream that reads no further than it is asked, ends on abort and stall, and fails
 * with `LENGTH_MISMATCH` unless it has exactly `length` bytes, and with `DIGEST_MISMATCH` unless it has the digest.
 * Closes the guard when it is over.
 */
export function guardedStream(
  object: DriverObject,
  { key, guard, length, digest, onProgress }: GuardedStreamOptions,
): ReadableStream<Uint8Array> {
  let seen: DigestStream | undefined
  const iterator = object.body[Symbol.asyncIterator]()
  const { signal } = guard.call
  let bytes = 0
  let onAbort: (() => void) | undefined

  const finish = (): void => {
    abandoned.unregister(guard)
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
    guard.close()
    Promise.resolve(iterator.return?.()).catch(() => undefined)
  }

  /** The next chunk that is not empty; undefined at the end of a content that is right. */
  async function pull(): Promise<Uint8Array | undefined> {
    if (digest !== undefined) seen ??= await createDigest(digest.algorithm)
    for (;;) {
      const next = await guard.wait(iterator.next())
      if (next.done === true) {
        if (bytes < length) throw wrongLength(key, `ended after ${bytes} of`, length)
        if (digest !== undefined) checkDigest(key, digest, seen?.hex())
        return undefined
      }
      bytes += next.value.byteLength
      if (bytes > length) throw wrongLength(key, 'has more than', length)
      seen?.update(next.value)
      if (next.value.byteLength > 0) return next.value
    }
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // The controller holds the stream, which would never be collected while its signal lives.
        const weak = new WeakRef(controller)
        onAbort = () => {
          weak.deref()?.error(signal.reason)
          finish()
        }
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort, { once: true })
      },
      async pull(controller) {
        let chunk: Uint8Array | undefined
        try {
          chunk = await pull()
        } catch (error) {
          finish()
          throw guard.explain(error)
        }
        if (chunk === undefined) {
          finish()
          return controller.close()
        }
        try {
          onProgress?.({ bytes, total: length })
        } catch (error) {
          // The caller's own, as it is.
          finish()
          throw error
        }
        controller.enqueue(chunk)
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  )
  abandoned.register(stream, finish, guard)
  return stream
}

/** Throws `DIGEST_MISMATCH` unless the digest is the expected one. */
export function checkDigest(
  key: string,
  { algorithm, hex }: Digest,
  seen: string | undefined,
): void {
  if (seen === hex) return
  const message = `Content of ${quoteKey(key)} has the ${algorithm} ${seen}, not ${hex}`
  throw new StoreError(message, { code: 'DIGEST_MISMATCH', key })
}

/** The error for a content that has another length than it should. */
export function wrongLength(key: string, how: string, length: number): StoreError {
  return new StoreError(`Content of ${quoteKey(key)} ${how} ${length} bytes`, {
    code: 'LENGTH_MISMATCH',
    key,
  })
}
