import type { FileHandle } from 'node:fs/promises'
import { writeFileAtomically } from './atomic-file.ts'
import type { StoreDriver } from './driver.ts'
import { notFound } from './errors.ts'
import { openFileSource } from './file-source.ts'
import { createMeter } from './meter.ts'
import { downloadRanges, infoOf, verifyFile } from './ranged-download.ts'
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
    const onBytes = (count: number): void => {
      bytes += count
      onProgress?.({ bytes, total: info.size })
    }
    const known =
      sha256 === undefined ? inside.keptDigest(info.etag).catch(() => undefined) : undefined
    const download = { store, key, first: object, ...parallelRead, signal, onBytes }
    const written = await downloadRanges(handle, fail, download)
    const digest: Digest | undefined =
      sha256 === undefined ? await known : { algorithm: 'sha256', hex: sha256 }
    if (digest !== undefined) await verifyFile(handle, fail, key, digest)
    verified = digest !== undefined
    return written
  }
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
