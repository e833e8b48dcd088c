import type { FileHandle } from 'node:fs/promises'

const bufferSize = 256 * 1024
const syncEvery = 256 * 1024 * 1024
// Kept for the next write: most are small, and fresh memory of this size costs more than they do.
let spare: Buffer | undefined

/**
 * Writes all chunks and resolves with the bytes written. Small chunks are gathered. Errors of the file go through
 * `fail`, those of `chunks` pass as they are. Dirty data is synced now and then, so that the last fsync is never one
 * of gigabytes, which would look like a stall.
 */
export async function writeChunks(
  handle: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  fail: (error: unknown) => unknown,
): Promise<number> {
  const buffer = spare ?? Buffer.allocUnsafeSlow(bufferSize)
  spare = undefined
  let filled = 0
  let written = 0
  let dirty = 0

  async function write(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(handle, bytes)
      written += bytes.byteLength
      dirty += bytes.byteLength
      if (dirty < syncEvery) return
      await handle.datasync()
      dirty = 0
    } catch (error) {
      throw fail(error)
    }
  }

  try {
    for await (const chunk of chunks) {
      if (filled + chunk.byteLength > bufferSize) {
        await write(buffer.subarray(0, filled))
        filled = 0
      }
      if (chunk.byteLength > bufferSize) {
        await write(chunk)
      } else {
        buffer.set(chunk, filled)
        filled += chunk.byteLength
      }
    }
    if (filled > 0) await write(buffer.subarray(0, filled))
    return written
  } finally {
    spare = buffer
  }
}

// A full disk shows as a short count without an error: only asking again gives ENOSPC (libuv's fs.write).
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, start, bytes.byteLength - start, null)
    if (bytesWritten === 0) throw new Error('the file system accepted no more bytes')
    start += bytesWritten
  }
}
