import type { FileHandle } from 'node:fs/promises'
import type { ByteRange } from '@prefect-ts/store'
import { rangeBounds } from '@prefect-ts/store/adapter'

const chunkSize = 256 * 1024

/** The bytes of an open file that a range asks for. Closes the file at the end, on `return()` and on abort. */
export function fileBody(
  handle: FileHandle,
  size: number,
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const [start, end] = rangeBounds(range, size)
  let position = start

  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort)
    await handle.close()
  }
  const onAbort = (): void => {
    close().catch(() => undefined)
  }
  signal.addEventListener('abort', onAbort, { once: true })

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const wanted = Math.min(chunkSize, end - position)
      if (wanted > 0) {
        const buffer = Buffer.allocUnsafeSlow(wanted)
        const { bytesRead } = await handle.read(buffer, 0, wanted, position)
        position += bytesRead
        if (bytesRead > 0) return { done: false, value: buffer.subarray(0, bytesRead) }
      }
      await close()
      return { done: true, value: undefined }
    },
    async return() {
      await close()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
