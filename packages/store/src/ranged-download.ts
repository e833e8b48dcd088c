import type { FileHandle } from 'node:fs/promises'
import { createDigest } from './digest.ts'
import { isStoreError, quoteKey, StoreError } from './errors.ts'
import { checkDigest } from './guarded-stream.ts'
import { backOff } from './retry.ts'
import type { Digest, ObjectInfo, Store, StoreObject } from './store.ts'

/** What `downloadRanges` needs. */
export interface RangedDownload {
  readonly store: Store
  readonly key: string
  /** The first range, opened: it tells size and version. */
  readonly first: StoreObject
  readonly rangeSize: number
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number) => void
}

const attempts = 5
// Not a stall: it has had its time.
const resumable = ['UNAVAILABLE', 'IO_ERROR', 'LENGTH_MISMATCH'] as const
const gatherSize = 1024 * 1024

/**
 * Reads an object in ranges, some of them at a time, and writes each at its place in the file. A range that breaks off
 * goes on where it stopped, under If-Match: all of the file is of one version. Resolves with the bytes written.
 */
export async function downloadRanges(
  file: FileHandle,
  fail: (error: unknown) => unknown,
  download: RangedDownload,
): Promise<number> {
  const { store, key, first, rangeSize, concurrency, onBytes } = download
  const stop = new AbortController()
  const { signal: given } = download
  const signal = given === undefined ? stop.signal : AbortSignal.any([given, stop.signal])
  const { size, etag } = first
  let next = 0

  async function one(start: number, opened: StoreObject | undefined): Promise<void> {
    const end = Math.min(start + rangeSize, size)
    let position = start
    let object = opened
    let isFileBroken = false
    for (let attempt = 1; position < end; attempt++) {
      try {
        object ??= await open(position, end - position)
        for await (const chunks of gathered(object.body)) {
          const length = await writeAt(file, chunks, position).catch((error: unknown) => {
            isFileBroken = true
            throw fail(error)
          })
          position += length
          onBytes(length)
        }
      } catch (error) {
        if (isFileBroken || !isStoreError(error, ...resumable) || attempt === attempts) throw error
        await backOff(attempt, signal)
      } finally {
        await object?.body.cancel().catch(() => undefined)
        object = undefined
      }
    }
  }

  async function open(offset: number, length: number): Promise<StoreObject> {
    const object = await store.get(key, { range: { offset, length }, ifMatch: etag, signal })
    if (object !== undefined) return object
    throw replaced(key, store.url)
  }

  async function worker(): Promise<void> {
    for (;;) {
      const start = next
      next += rangeSize
      if (start >= size) return
      await one(start, start === 0 ? first : undefined)
    }
  }

  const workers = Array.from({ length: Math.min(concurrency, Math.ceil(size / rangeSize)) }, () =>
    worker().catch((error: unknown) => {
      stop.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(workers)
  if (stop.signal.aborted) throw stop.signal.reason
  return size
}

/** Reads a file back and throws `DIGEST_MISMATCH` unless it has the digest. */
export async function verifyFile(
  file: FileHandle,
  fail: (error: unknown) => unknown,
  key: string,
  digest: Digest,
): Promise<void> {
  const seen = await createDigest(digest.algorithm)
  const buffer = Buffer.allocUnsafeSlow(gatherSize)
  for (let position = 0; ;) {
    const { bytesRead } = await file
      .read(buffer, 0, gatherSize, position)
      .catch((error: unknown) => {
        throw fail(error)
      })
    if (bytesRead === 0) break
    seen.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  checkDigest(key, digest, seen.hex())
}

// Chunks in groups that are worth a system call.
async function* gathered(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let chunks: Uint8Array[] = []
  let length = 0
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.byteLength
      if (length < gatherSize) continue
      yield chunks
      chunks = []
      length = 0
    }
  } catch (error) {
    failure = { error }
  }
  // What came before a break counts: it is not asked for again.
  if (chunks.length > 0) yield chunks
  if (failure !== undefined) throw failure.error
}

async function writeAt(file: FileHandle, chunks: Uint8Array[], position: number): Promise<number> {
  const total = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const { bytesWritten } = await file.writev(chunks, position)
  let written = bytesWritten
  // A full disk shows as a short count: only asking again gives its error.
  if (written < total) {
    const bytes = Buffer.concat(chunks)
    while (written < total) {
      const more = await file.write(bytes, written, total - written, position + written)
      if (more.bytesWritten === 0) throw new Error('the file system accepted no more bytes')
      written += more.bytesWritten
    }
  }
  return total
}

function replaced(key: string, url: string): StoreError {
  const message = `${quoteKey(key)} in ${url} was removed while it was being downloaded`
  return new StoreError(message, { code: 'PRECONDITION_FAILED', key })
}

/** What is known of an object, without its content. */
export function infoOf({
  size,
  etag,
  lastModified,
  contentType,
  metadata,
}: ObjectInfo): ObjectInfo {
  return { size, etag, lastModified, contentType, metadata }
}
