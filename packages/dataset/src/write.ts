import type { Progress, Store, StoreBody } from '@prefect-ts/store'
import { type Digest, countingBody, digestFile, digestOf } from './digest.ts'
import type { Dataset } from './dataset.ts'
import { checkLinks } from './links.ts'
import { announceFailedWrite, announceWrite } from './events.ts'
import { checkFuture, checkMetadata, isNewer, newerLatest } from './latest.ts'
import { type ReplaceLatestOptions, replaceConditionally } from './latest-conditional.ts'
import { replaceOnDisk } from './latest-disk.ts'
import { type LatestGuard, guardOf, readLatest } from './latest-guard.ts'
import {
  type LatestContent,
  type Spool,
  createSpool,
  datedContent,
  fileContent,
  fillSpool,
  memoryContent,
} from './latest-source.ts'

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
  /** Called after every chunk of the first path that is written; `latest` made from it is not told. An error it throws ends the write. */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Number of rows in the body, if you know it: handed on to the result and to the announcement. */
  rows?: number | undefined
  /**
   * `guarded`: `latest` is replaced only by the same or a newer day, whoever writes at the same time. `unguarded`: it
   * is replaced without looking, for stores that cannot compare and swap, which otherwise reject with `UNSUPPORTED`.
   * @default 'guarded'
   */
  latest?: 'guarded' | 'unguarded' | undefined
  /**
   * Lets `latest` go back to an older day, or ahead to one after today.
   * @default false
   */
  force?: boolean | undefined
}

/** What a write did. */
export interface WriteDatasetResult {
  /** The path written first: the dated one, or `latest` where only that one was. */
  readonly path: string
  /** Every path written, in the order written; without `latest` when that was kept. */
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
   * What happened to `latest`. `untouched`: the table leaves it alone. `kept-newer`: a newer day stands there, so
   * only the dated file was written.
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
 * Writes the content to `dataset.writePaths`: the dated path first, then `latest` made from it, so `latest` never names
 * a day that is not there. Replaces these objects only. Each appears whole or not at all.
 *
 * `latest` only goes forward (protocol/latest.md): a newer day that stands there is kept (`kept-newer`), or, when
 * `latest` is all that would be written, the call rejects with `NEWER_LATEST`. The same day again replaces it: of two
 * writers of one day the later one counts. `FUTURE_RUNDATE`, `LATEST_BUSY` and `UNSUPPORTED` concern `latest` as well.
 *
 * A stream is read once; one that goes to `latest` only waits in a temporary file. A file is read twice, for its
 * digest and for the transfer; `DIGEST_MISMATCH` or `LENGTH_MISMATCH` when it changed in between. When only the
 * `latest` step fails, the dated object stays: write again.
 */
export async function writeDataset(
  store: Store,
  dataset: Dataset,
  body: DatasetBody,
  options: WriteDatasetOptions = {},
): Promise<WriteDatasetResult> {
  return await writeBody(store, dataset, body, options, () => options.rows)
}

/** The same, for a body whose rows are counted while it is read. */
export async function writeBody(
  store: Store,
  dataset: Dataset,
  body: DatasetBody,
  options: WriteDatasetOptions,
  rows: RowCount,
): Promise<WriteDatasetResult> {
  const { signal, metadata, onProgress, force = false } = options
  signal?.throwIfAborted()
  checkMetadata(dataset, metadata)
  checkLinks(store, dataset, dataset.writePaths)
  const guard = dataset.writePaths.includes(dataset.latestPath)
    ? guardOf(store, dataset, options.latest ?? 'guarded')
    : 'unguarded'
  if (guard !== 'unguarded') checkFuture(dataset, force)
  const put: PutBodyOptions = {
    signal,
    metadata,
    onProgress,
    contentType: contentType(store, dataset),
  }
  try {
    const result =
      guard === 'unguarded'
        ? await writePlainly(store, dataset, body, rows, put)
        : await writeGuarded(store, dataset, body, rows, { ...put, force, guard })
    announceWrite(store, dataset, result)
    return result
  } catch (error) {
    announceFailedWrite(store, dataset, error)
    throw error
  }
}

/** How many rows the body had, known when it was read. */
type RowCount = () => number | undefined

interface PutBodyOptions {
  signal: AbortSignal | undefined
  onProgress?: ((progress: Progress) => void) | undefined
  metadata: Readonly<Record<string, string>> | undefined
  contentType: string | undefined
}

/** Writes every path of the table without looking at what stands there. */
async function writePlainly(
  store: Store,
  dataset: Dataset,
  body: DatasetBody,
  rows: RowCount,
  options: PutBodyOptions,
): Promise<WriteDatasetResult> {
  const [path = dataset.path, ...others] = dataset.writePaths
  const { etag, ...digest } = await putBody(store, path, body, options)
  for (const other of others) await store.copy(path, other, { signal: options.signal })
  const latest = dataset.writePaths.includes(dataset.latestPath) ? 'written' : 'untouched'
  return toResult(store, dataset.writePaths, { ...digest, etag, rows: rows(), latest })
}

async function writeGuarded(
  store: Store,
  dataset: Dataset,
  body: DatasetBody,
  rows: RowCount,
  options: ReplaceLatestOptions & { readonly guard: LatestGuard },
): Promise<WriteDatasetResult> {
  const { signal, force, guard } = options
  const replace = guard === 'disk' ? replaceOnDisk : replaceConditionally
  let spooled: Spool | undefined
  const spool = async (): Promise<Spool> => (spooled ??= await createSpool())
  try {
    if (dataset.writePaths.length > 1) {
      const put = await putBody(store, dataset.path, body, options)
      const written = { ...put, rows: rows(), body: isRepeatable(body) ? body : undefined }
      const content = (): Promise<LatestContent> =>
        datedContent(store, dataset, written, spool, signal)
      const { kind } = await replace(store, dataset, content, { ...options, onProgress: undefined })
      const paths = kind === 'written' ? dataset.writePaths : [dataset.path]
      return toResult(store, paths, { ...put, rows: rows(), latest: kind })
    }
    const before = await readLatest(store, dataset, signal)
    if (isNewer(before, dataset, force)) throw newerLatest(dataset, before)
    const content = await repeatableContent(body, rows, spool, signal)
    const outcome = await replace(store, dataset, () => Promise.resolve(content), options)
    if (outcome.kind === 'kept-newer') throw newerLatest(dataset, outcome.current)
    const { bytes, sha256 } = content
    const { etag } = outcome
    return toResult(store, dataset.writePaths, {
      bytes,
      sha256,
      etag,
      rows: rows(),
      latest: 'written',
    })
  } finally {
    await spooled?.remove()
  }
}

function toResult(
  store: Store,
  paths: readonly string[],
  facts: Omit<WriteDatasetResult, 'path' | 'paths' | 'uri'>,
): WriteDatasetResult {
  const [path = ''] = paths
  const { bytes, sha256, etag, rows, latest } = facts
  return { path, paths, uri: store.locate(path), bytes, sha256, etag, rows, latest }
}

type Repeatable = string | ArrayBuffer | ArrayBufferView | Blob | { readonly file: string }

function isRepeatable(body: DatasetBody): body is Repeatable {
  if (typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return true
  }
  return body instanceof Blob || 'file' in body
}

async function repeatableContent(
  body: DatasetBody,
  rows: RowCount,
  spool: () => Promise<Spool>,
  signal: AbortSignal | undefined,
): Promise<LatestContent> {
  if (!isRepeatable(body) || body instanceof Blob) {
    const to = await spool()
    const digest = await fillSpool(to, body instanceof Blob ? body.stream() : body, signal)
    return fileContent(to.file, digest, rows())
  }
  if (typeof body === 'object' && 'file' in body) {
    return fileContent(body.file, await digestFile(body.file, signal), rows())
  }
  return memoryContent(body, digestOf(body), rows())
}

async function putBody(
  store: Store,
  path: string,
  body: DatasetBody,
  options: PutBodyOptions,
): Promise<Digest & { etag: string }> {
  const { signal, metadata, onProgress, contentType: type } = options
  const call = { signal, metadata, onProgress, contentType: type }
  if (typeof body === 'object' && 'file' in body) {
    const digest = await digestFile(body.file, signal)
    const { etag } = await store.upload(body.file, path, { ...call, sha256: digest.sha256 })
    return { ...digest, etag }
  }
  if (typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    const digest = digestOf(body)
    const { etag } = await store.put(path, body, { ...call, sha256: digest.sha256 })
    return { ...digest, etag }
  }
  const counting = countingBody<Uint8Array | string>(body instanceof Blob ? body.stream() : body)
  const { etag } = await store.put(path, counting.body, call)
  return { ...counting.digest(), etag }
}

/** A compressed file's own type does not say what is inside, so it gets none. */
function contentType(store: Store, dataset: Dataset): string | undefined {
  if (!store.capabilities.metadata || dataset.compression !== undefined) return undefined
  return CONTENT_TYPES[dataset.format]
}
