import type { FileHandle } from 'node:fs/promises'
import { writeFileAtomically } from './atomic-file.ts'
import type { StoreDriver } from './driver.ts'
import { notFound } from './errors.ts'
import { startFileCheck } from './file-digest.ts'
import type { FileCheck } from './file-digest.ts'
import { openFileSource } from './file-source.ts'
import { createMeter } from './meter.ts'
import type { OpenedObject } from './open-object.ts'
import { downloadRanges } from './ranged-download.ts'
import type { RangedDownload } from './ranged-download.ts'
import type {
  CopyOptions,
  Digest,
  DownloadOptions,
  DownloadResult,
  GetOptions,
  PutResult,
  Store,
  UploadOptions,
} from './store.ts'

/** `copy` by way of this process, for drivers that have no copy of their own. */
export async function copyObject(
  store: Store,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<PutResult> {
  const object = await store.get(from, { signal: options.signal })
  if (object === undefined) throw notFound('copy', from, store.url)
  const { contentType, metadata, size, body } = object
  try {
    return await store.put(to, body, { ...options, contentType, metadata, size })
  } catch (error) {
    await body.cancel(error).catch(() => undefined)
    throw error
  }
}

/** What `downloadObject` needs of a store's inside. */
export interface DownloadInside {
  readonly url: string
  readonly parallelRead: StoreDriver['parallelRead']
  /** Opens the object, or a range of it; undefined when there is none. */
  open(options: GetOptions): Promise<OpenedObject | undefined>
  /** The digest that the backend keeps of this version, when it keeps one. */
  keptDigest(etag: string): Promise<Digest | undefined>
}

/** `download`: content checked on its way into a temporary file, which takes the final name at the end. */
export async function downloadObject(
  key: string,
  file: string,
  options: DownloadOptions,
  inside: DownloadInside,
): Promise<DownloadResult> {
  const { url, parallelRead } = inside
  const { signal: given, ifMatch, onProgress } = options
  const stop = new AbortController()
  const signal = given === undefined ? stop.signal : AbortSignal.any([given, stop.signal])
  const range = parallelRead && { offset: 0, length: parallelRead.rangeSize }
  const first = await inside.open({ range, ifMatch, signal })
  if (first === undefined) throw notFound('download', key, url)
  const { info, digest } = first
  const sha256 = options.sha256?.toLowerCase()
  if (parallelRead === undefined || info.size <= parallelRead.rangeSize) {
    const source = { chunks: first.stream()[Symbol.asyncIterator](), size: info.size }
    const meter = createMeter(source, { key, size: info.size, sha256, onProgress })
    try {
      await writeFileAtomically(file, meter.body, { signal, key })
      return { ...info, verified: sha256 !== undefined || digest !== undefined }
    } finally {
      if (!meter.ended()) meter.release()
    }
  }

  let verified = false
  const fill = async (handle: FileHandle, fail: (error: unknown) => unknown): Promise<number> => {
    let bytes = 0
    let isOver = false
    let check: FileCheck | undefined
    const starting = knownDigest()
      .then((known) =>
        isOver ? undefined : known && startFileCheck(handle, key, known, info.size),
      )
      .then((started) => (check = started))
    const onBytes = (count: number, upTo: number): void => {
      bytes += count
      check?.advance(upTo)
      onProgress?.({ bytes, total: info.size })
    }
    const download: RangedDownload = {
      key,
      url,
      first,
      ...parallelRead,
      stop,
      signal,
      open: (wanted) => inside.open({ range: wanted, ifMatch: info.etag, signal }),
      onBytes,
    }
    try {
      const written = await downloadRanges(handle, fail, download)
      verified = (await starting) !== undefined
      await check?.verify(fail)
      return written
    } finally {
      isOver = true
      await check?.stop()
      starting.then((late) => late?.stop()).catch(() => undefined)
    }
  }
  const knownDigest = async (): Promise<Digest | undefined> =>
    sha256 === undefined
      ? (digest ?? (await inside.keptDigest(info.etag).catch(() => undefined)))
      : { algorithm: 'sha256', hex: sha256 }
  try {
    await writeFileAtomically(file, fill, { signal, key })
  } finally {
    first.release()
  }
  return { ...info, verified }
}

/** `upload`: the file as a body of its exact size. */
export async function uploadFile(
  store: Store,
  file: string,
  key: string,
  options: UploadOptions,
): Promise<PutResult> {
  options.signal?.throwIfAborted()
  const source = await openFileSource(file, key)
  try {
    return await store.put(key, source.chunks, { ...options, size: source.size })
  } finally {
    await source.close()
  }
}
