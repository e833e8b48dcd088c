import type { FileHandle } from 'node:fs/promises'
import { writeFileAtomically } from './atomic-file.ts'
import type { ChunkSink, StoreDriver } from './driver.ts'
import { notFound } from './errors.ts'
import { startFileCheck } from './file-digest.ts'
import type { FileCheck } from './file-digest.ts'
import { openFileSource } from './file-source.ts'
import { createMeter } from './meter.ts'
import { downloadRanges, infoOf } from './ranged-download.ts'
import type { RangedDownload, VersionRange } from './ranged-download.ts'
import type {
  CopyOptions,
  Digest,
  DownloadOptions,
  DownloadResult,
  PutResult,
  Store,
  StoreObject,
  UploadOptions,
} from './store.ts'

/** `copy` by way of this process, for drivers that have no copy of their own. */
export async function copyObject(
  store: Store,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<PutResult> {
  const object = await getOrThrow(store, from, 'copy', options)
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
  readonly parallelRead: StoreDriver['parallelRead']
  /** The digest of an opened object that the content will have been checked against when its body ends. */
  digestOf(object: StoreObject): Digest | undefined
  /** The digest that the backend keeps of this version, when it keeps one. */
  keptDigest(etag: string): Promise<Digest | undefined>
  /** Reads part of a version into `sink`; false when there is no such object. */
  pour(range: VersionRange, sink: ChunkSink): Promise<boolean>
}

/** `download`: content checked on its way into a temporary file, which takes the final name at the end. */
export async function downloadObject(
  store: Store,
  key: string,
  file: string,
  options: DownloadOptions,
  inside: DownloadInside,
): Promise<DownloadResult> {
  const { parallelRead } = inside
  const range = parallelRead && { offset: 0, length: parallelRead.rangeSize }
  const object = await getOrThrow(store, key, 'download', { ...options, range })
  const isWhole = range === undefined || object.size <= range.length
  const { signal, onProgress } = options
  const sha256 = options.sha256?.toLowerCase()
  const info = infoOf(object)
  if (parallelRead === undefined || isWhole) {
    const source = { chunks: object.body[Symbol.asyncIterator](), size: info.size }
    const meter = createMeter(source, { key, size: info.size, sha256, onProgress })
    try {
      await writeFileAtomically(file, meter.body, { signal, key })
      return { ...info, verified: sha256 !== undefined || inside.digestOf(object) !== undefined }
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
      .then((digest) =>
        isOver ? undefined : digest && startFileCheck(handle, key, digest, info.size),
      )
      .then((started) => (check = started))
    const onBytes = (count: number, upTo: number): void => {
      bytes += count
      check?.advance(upTo)
      onProgress?.({ bytes, total: info.size })
    }
    const download: RangedDownload = {
      key,
      url: store.url,
      first: object,
      ...parallelRead,
      signal,
      pour: (wanted, sink) => inside.pour(wanted, sink),
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
      ? await inside.keptDigest(info.etag).catch(() => undefined)
      : { algorithm: 'sha256', hex: sha256 }
  try {
    await writeFileAtomically(file, fill, { signal, key })
  } finally {
    await object.body.cancel().catch(() => undefined)
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

async function getOrThrow(
  store: Store,
  key: string,
  verb: string,
  options: Parameters<Store['get']>[1],
): Promise<StoreObject> {
  const { signal, ifMatch, range } = options ?? {}
  const object = await store.get(key, { signal, ifMatch, range })
  if (object !== undefined) return object
  throw notFound(verb, key, store.url)
}
