import type { FileHandle } from 'node:fs/promises'

/** Writes a content that comes in small chunks at its place in a file. */
export interface PlacedWriter {
  /** Takes the next bytes; a promise means that they are in use until it settles. */
  take(chunk: Uint8Array): Promise<void> | undefined
  /** Writes what is left; resolves when all that was taken is in the file. */
  finish(): Promise<void>
  /** Resolves when nothing is being written, also after a failure. */
  idle(): Promise<void>
}

/** What a writer needs, which may serve one writer after the other. */
export interface PlacedFile {
  readonly handle: FileHandle
  /** Two pieces of memory of the same size: one is filled while the other is written. */
  readonly buffers: [Uint8Array, Uint8Array]
  /** What to make of an error of the file. */
  readonly fail: (error: unknown) => unknown
}

/** Starts a writer at a position. `onWritten` hears of all bytes that are in the file. */
export function createPlacedWriter(
  { handle, buffers, fail }: PlacedFile,
  start: number,
  onWritten: (bytes: number) => void,
): PlacedWriter {
  let [filling, spare] = buffers
  let filled = 0
  let position = start
  let writing: Promise<void> | undefined

  async function flush(): Promise<void> {
    await writing
    const bytes = filling.subarray(0, filled)
    writing = writeAt(handle, bytes, position)
      .catch((error: unknown) => {
        throw fail(error)
      })
      .then(() => onWritten(bytes.byteLength))
    // It is awaited before the next flush, which may be after it has failed.
    writing.catch(() => undefined)
    position += filled
    filled = 0
    ;[filling, spare] = [spare, filling]
  }

  async function spread(chunk: Uint8Array): Promise<void> {
    for (let taken = 0; taken < chunk.byteLength;) {
      const part = chunk.subarray(taken, taken + filling.byteLength - filled)
      filling.set(part, filled)
      filled += part.byteLength
      taken += part.byteLength
      if (filled === filling.byteLength) await flush()
    }
  }

  return {
    take(chunk) {
      if (filled + chunk.byteLength >= filling.byteLength) return spread(chunk)
      filling.set(chunk, filled)
      filled += chunk.byteLength
      return undefined
    },
    async finish() {
      if (filled > 0) await flush()
      await writing
    },
    async idle() {
      await writing?.catch(() => undefined)
    },
  }
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  // A full disk shows as a short count: only asking again gives its error.
  for (let written = 0; written < bytes.byteLength;) {
    const left = bytes.byteLength - written
    const { bytesWritten } = await file.write(bytes, written, left, position + written)
    if (bytesWritten === 0) throw new Error('the file system accepted no more bytes')
    written += bytesWritten
  }
}
