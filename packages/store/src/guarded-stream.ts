import type { DriverObject } from './driver.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { Guard } from './guard.ts'

/**
 * The driver's content as a web stream that reads no further than it is asked, ends on abort and stall, and fails
 * with `LENGTH_MISMATCH` unless it has exactly `length` bytes. Closes the guard when it is over.
 */
export function guardedStream(
  object: DriverObject,
  length: number,
  guard: Guard,
  key: string,
): ReadableStream<Uint8Array> {
  const iterator = object.body[Symbol.asyncIterator]()
  const { signal } = guard.call
  let bytes = 0
  let onAbort: (() => void) | undefined

  const finish = (): void => {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
    guard.close()
    Promise.resolve(iterator.return?.()).catch(() => undefined)
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort = () => {
          controller.error(signal.reason)
          finish()
        }
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort, { once: true })
      },
      async pull(controller) {
        try {
          for (;;) {
            const next = await guard.wait(iterator.next())
            if (next.done === true) {
              if (bytes < length) throw wrongLength(key, `ended after ${bytes} of`, length)
              finish()
              return controller.close()
            }
            bytes += next.value.byteLength
            if (bytes > length) throw wrongLength(key, 'has more than', length)
            if (next.value.byteLength > 0) return controller.enqueue(next.value)
          }
        } catch (error) {
          finish()
          throw guard.explain(error)
        }
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  )
}

function wrongLength(key: string, how: string, length: number): StoreError {
  return new StoreError(`Content of ${quoteKey(key)} ${how} ${length} bytes`, {
    code: 'LENGTH_MISMATCH',
    key,
  })
}
