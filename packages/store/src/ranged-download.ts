import type { FileHandle } from 'node:fs/promises'
import type { ChunkSink } from './driver.ts'
import { isStoreError, quoteKey, StoreError } from './errors.ts'
import { wrongLength } from './guarded-stream.ts'
import { createPlacedWriter } from './placed-writer.ts'
import type { OpenedObject } from './open-object.ts'
import type { PlacedFile, PlacedWriter } from './placed-writer.ts'
import { backOff } from './retry.ts'

/** What `downloadRanges` needs. */
export interface RangedDownload {
  readonly key: string
  readonly url: string
  /** The first range, opened: it tells size and version. */
  readonly first: OpenedObject
  readonly rangeSize: number
  readonly concurrency: number
  /** Ends all ranges when one has failed; `signal` is of this and of the caller. */
  readonly stop: AbortController
  readonly signal: AbortSignal
  /** Opens a range of that version; undefined when the object is gone. */
  readonly open: (range: {
    readonly offset: number
    readonly length: number
  }) => Promise<OpenedObject | undefined>
  /** Told when bytes are in the file, and how many there are from the start without a gap. */
  readonly onBytes: (bytes: number, upTo: number) => void
}

const attempts = 5
// Not a stall: it has had its time.
const resumable = ['UNAVAILABLE', 'IO_ERROR', 'LENGTH_MISMATCH'] as const
// So many bytes and what breaks off is none of several failures in a row.
const goodBytes = 1024 * 1024
const pieceSize = 512 * 1024
const syncEvery = 64 * 1024 * 1024

/**
 * Reads an object in ranges, some of them at a time, and writes each at its place in the file. A range that breaks off
 * goes on where it stopped, under If-Match: all of the file is of one version. Resolves with the bytes written.
 */
export async function downloadRanges(
  handle: FileHandle,
  fail: (error: unknown) => unknown,
  download: RangedDownload,
): Promise<number> {
  const { key, first, rangeSize, concurrency, stop, signal } = download
  const { size } = first.info
  const frontier = createFrontier(size, rangeSize)
  let next = 0
  let dirty = 0
  let syncing: Promise<void> | undefined

  const onWritten = (start: number, bytes: number): void => {
    download.onBytes(bytes, frontier.add(start, bytes))
    dirty += bytes
    if (dirty < syncEvery || syncing !== undefined) return
    // Beside the download, so that the last fsync is a short one.
    dirty = 0
    syncing = sync()
  }

  async function sync(): Promise<void> {
    try {
      await handle.datasync()
      syncing = undefined
    } catch (error) {
      stop.abort(fail(error))
    }
  }

  async function one(start: number, writer: PlacedWriter): Promise<void> {
    const end = Math.min(start + rangeSize, size)
    const at = { position: start, isFileBroken: false }
    let opened = start === 0 ? first : undefined
    const sink: ChunkSink = (chunk) => {
      if (at.isFileBroken || signal.aborted) throw new Error('nothing more is wanted')
      if (at.position + chunk.byteLength > end) throw wrongLength(key, 'has more than', end - start)
      at.position += chunk.byteLength
      return writer.take(chunk)?.catch((error: unknown) => {
        at.isFileBroken = true
        throw error
      })
    }
    for (let attempt = 1; at.position < end; attempt++) {
      const { position: offset } = at
      try {
        opened ??= await download.open({ offset, length: end - offset })
        if (opened === undefined) throw removed(key, download.url)
        await opened.pour(sink)
        if (at.position === end) break
        throw wrongLength(key, `ended after ${at.position - start} of`, end - start)
      } catch (error) {
        const mayResume = !at.isFileBroken && isStoreError(error, ...resumable)
        if (at.position - offset >= goodBytes) attempt = 1
        if (!mayResume || attempt === attempts) throw error
        opened = undefined
        await backOff(attempt, signal)
      }
    }
    await writer.finish()
  }

  async function worker(): Promise<void> {
    const buffers: PlacedFile['buffers'] = [
      Buffer.allocUnsafeSlow(pieceSize),
      Buffer.allocUnsafeSlow(pieceSize),
    ]
    const file = { handle, fail, buffers }
    for (;;) {
      const start = next
      next += rangeSize
      if (start >= size) return
      const writer = createPlacedWriter(file, start, (bytes) => onWritten(start, bytes))
      try {
        await one(start, writer)
      } finally {
        // Closing a file under a write could hand its number to another file.
        await writer.idle()
      }
    }
  }

  const workers = Array.from({ length: Math.min(concurrency, Math.ceil(size / rangeSize)) }, () =>
    worker().catch((error: unknown) => stop.abort(error)),
  )
  await Promise.all(workers)
  await syncing
  if (stop.signal.aborted) throw stop.signal.reason
  return size
}

/** How far a content that is written in ranges reaches without a gap. */
function createFrontier(size: number, rangeSize: number) {
  const written = new Float64Array(Math.ceil(size / rangeSize))
  let complete = 0
  return {
    add(start: number, bytes: number): number {
      const index = start / rangeSize
      written[index] = (written[index] ?? 0) + bytes
      while (written[complete] === rangeSize) complete++
      return complete * rangeSize + (written[complete] ?? 0)
    },
  }
}

function removed(key: string, url: string): StoreError {
  const message = `${quoteKey(key)} in ${url} was removed while it was being downloaded`
  return new StoreError(message, { code: 'PRECONDITION_FAILED', key })
}
