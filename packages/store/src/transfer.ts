import { writeFileAtomically } from './atomic-file.ts'
import { notFound } from './errors.ts'
import { openFileSource } from './file-source.ts'
import { createMeter } from './meter.ts'
import type {
  CopyOptions,
  DownloadOptions,
  ObjectInfo,
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

/** `download`: content checked on its way into a temporary file, which takes the final name at the end. */
export async function downloadObject(
  store: Store,
  key: string,
  file: string,
  options: DownloadOptions,
): Promise<ObjectInfo> {
  const { signal, onProgress, sha256 } = options
  const object = await getOrThrow(store, key, 'download', options)
  const { body, ...info } = object
  const source = { chunks: body[Symbol.asyncIterator](), size: info.size }
  const meter = createMeter(source, { key, size: info.size, sha256, onProgress })
  try {
    await writeFileAtomically(file, meter.body, { signal, key })
    return info
  } finally {
    if (!meter.ended()) meter.release()
  }
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
  options: DownloadOptions,
): Promise<StoreObject> {
  const { signal, ifMatch } = options
  const object = await store.get(key, { signal, ifMatch })
  if (object !== undefined) return object
  throw notFound(verb, key, store.url)
}
