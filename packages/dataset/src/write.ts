import type { PutResult, Store, StoreBody } from '@prefect-ts/store'
import { type Digest, countingBody, digestFile, digestOf } from './digest.ts'
import type { Dataset } from './dataset.ts'
import { announceWrite } from './events.ts'

/** What `writeDataset` takes: everything a store takes, or a file on disk. */
export type DatasetBody =
  | StoreBody
  | {
      /** Path of the file whose content is written; it stays where it is. */
      readonly file: string
    }

/** Options of `writeDataset`. */
export interface WriteDatasetOptions {
  /** Ends the write, which then rejects with the signal's reason and leaves no partial file. */
  signal?: AbortSignal | undefined
  /** Kept with the objects; a store without the capability `metadata` rejects it with `UNSUPPORTED`. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** Number of rows in the body, if you know it: handed on to the result and to the announcement. */
  rows?: number | undefined
}

/** What a write did. */
export interface WriteDatasetResult {
  /** The path written first: the dated one, or `latest` where only that one was. */
  readonly path: string
  /** Every path written, in the order written. */
  readonly paths: readonly string[]
  /** `path` as other tools name it: an absolute path, `s3://…`. */
  readonly uri: string
  /** Bytes of the content. */
  readonly bytes: number
  /** SHA-256 of the content, hex. */
  readonly sha256: string
  /** Etag of the object at `path`. */
  readonly etag: string
  /** The number of rows you gave, or `undefined`. */
  readonly rows: number | undefined
  /**
   * What happened to `latest`. `untouched`: the table leaves it alone.
   * `kept-newer` (a newer day already stands there) is reserved for the guard and not given yet.
   */
  readonly latest: 'written' | 'kept-newer' | 'untouched'
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

/**
 * Writes the content to `dataset.writePaths`: the dated path first, then `latest` as a copy of it within the store, so
 * `latest` never names a day that is not there. Replaces these objects only. Each appears whole or not at all.
 *
 * A stream is read once. A file is read twice, for its digest and for the transfer; `DIGEST_MISMATCH` or
 * `LENGTH_MISMATCH` when it changed in between. When only the `latest` step fails, the dated object stays: write again.
 */
export async function writeDataset(
  store: Store,
  dataset: Dataset,
  body: DatasetBody,
  options: WriteDatasetOptions = {},
): Promise<WriteDatasetResult> {
  const { signal, metadata, rows } = options
  signal?.throwIfAborted()
  const [path = dataset.path, ...others] = dataset.writePaths
  const { put, digest } = await putBody(store, path, body, {
    signal,
    metadata,
    contentType: contentType(store, dataset),
  })
  for (const other of others) await store.copy(path, other, { signal })
  const result: WriteDatasetResult = {
    path,
    paths: dataset.writePaths,
    uri: store.locate(path),
    ...digest,
    etag: put.etag,
    rows,
    latest: dataset.writePaths.includes(dataset.latestPath) ? 'written' : 'untouched',
  }
  announceWrite(store, dataset, result)
  return result
}

interface PutBodyOptions {
  signal: AbortSignal | undefined
  metadata: Readonly<Record<string, string>> | undefined
  contentType: string | undefined
}

async function putBody(
  store: Store,
  path: string,
  body: DatasetBody,
  options: PutBodyOptions,
): Promise<{ put: PutResult; digest: Digest }> {
  if (typeof body === 'object' && 'file' in body) {
    const digest = await digestFile(body.file, options.signal)
    const put = await store.upload(body.file, path, { ...options, sha256: digest.sha256 })
    return { put, digest }
  }
  if (typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    const digest = digestOf(body)
    return { put: await store.put(path, body, { ...options, sha256: digest.sha256 }), digest }
  }
  const counting = countingBody<Uint8Array | string>(body instanceof Blob ? body.stream() : body)
  const put = await store.put(path, counting.body, options)
  return { put, digest: counting.digest() }
}

/** A compressed file's own type does not say what is inside, so it gets none. */
function contentType(store: Store, dataset: Dataset): string | undefined {
  if (!store.capabilities.metadata || dataset.compression !== undefined) return undefined
  return CONTENT_TYPES[dataset.format]
}
