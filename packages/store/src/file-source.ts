import { constants, fstatSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StoreError } from './errors.ts'
import { errorCode, fileError } from './folder.ts'

const chunkSize = 1024 * 1024

/** A file as a body of exactly the size it had when it was opened. */
export interface FileSource {
  /** Bytes in the file. */
  readonly size: number
  /** The content, in one buffer that is filled again and again; fails with `LENGTH_MISMATCH`, before the last chunk, when the file has grown or shrunk. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Closes the file. */
  close(): Promise<void>
}

/** Opens a file for upload. Refuses folders, pipes and devices with `NOT_A_FILE`. */
export async function openFileSource(file: string, key: string): Promise<FileSource> {
  const path = resolve(file)
  const doing = `Cannot read ${path}`
  const fail = (error: unknown): StoreError => fileError(error, doing, { key, path })
  const opened = await openRegular()

  async function openRegular() {
    let handle
    try {
      // Not blocking, or opening a named pipe would wait for a writer.
      handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      // What opening a socket says.
      throw errorCode(error) === 'ENXIO' ? notAFile() : fail(error)
    }
    try {
      const found = fstatSync(handle.fd)
      if (!found.isFile()) throw notAFile()
      return { handle, size: found.size }
    } catch (error) {
      await handle.close()
      throw error instanceof StoreError ? error : fail(error)
    }
  }

  function notAFile(): StoreError {
    return new StoreError(`${doing}: it is not a file`, { code: 'NOT_A_FILE', key })
  }

  async function read(buffer: Buffer, position: number): Promise<Uint8Array> {
    try {
      const { bytesRead } = await opened.handle.read(buffer, 0, buffer.byteLength, position)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      throw fail(error)
    }
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    let position = 0
    // With room for a byte that should not be there, so that most files take one look.
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, opened.size + 1))
    while (position < opened.size) {
      const chunk = await read(buffer, position)
      position += chunk.byteLength
      if (chunk.byteLength === 0) throw changed(`shrank from ${opened.size} to ${position} bytes`)
      const isCut = chunk.byteLength === buffer.byteLength
      if (position > opened.size || (position === opened.size && isCut)) await refuseMore(position)
      yield chunk
    }
    if (opened.size === 0) await refuseMore(0)
  }

  async function refuseMore(position: number): Promise<void> {
    if (position > opened.size || (await read(Buffer.alloc(1), position)).byteLength > 0) {
      throw changed(`grew beyond its ${opened.size} bytes`)
    }
  }

  function changed(how: string): StoreError {
    return new StoreError(`${path} ${how} while it was being uploaded`, {
      code: 'LENGTH_MISMATCH',
      key,
    })
  }

  return {
    size: opened.size,
    chunks: { [Symbol.asyncIterator]: chunks },
    close: () => opened.handle.close(),
  }
}
