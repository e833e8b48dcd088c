import type { Store, StoreObject } from '@prefect-ts/store'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { announceRead } from './events.ts'

/** Options of `readDataset`. */
export interface ReadDatasetOptions {
  /** Ends the call, or the body while it is read; both then fail with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** How many entries the search for the newest rundate looks at before it gives up. */
const LISTING_LIMIT = 10_000

/**
 * Opens the dataset at `dataset.readPath`: the `latest` file or the dated one, as the table says.
 * Resolves like `store.get`: read the body to its end or cancel it.
 * Throws `NOT_FOUND`, naming the newest rundate there is, when there is nothing at that path; a failing store gives a
 * `StoreError`.
 */
export async function readDataset(
  store: Store,
  dataset: Dataset,
  options: ReadDatasetOptions = {},
): Promise<StoreObject> {
  const { signal } = options
  const path = dataset.readPath
  const found = await store.get(path, { signal })
  if (found === undefined) throw await notFound(store, dataset, signal)
  announceRead(store, dataset, { path, size: found.size, etag: found.etag })
  return found
}

async function notFound(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<DatasetError> {
  const hint = await newestHint(store, dataset, signal)
  signal?.throwIfAborted()
  return new DatasetError(
    `Dataset "${dataset.name}" was not found at "${dataset.readPath}" in ${store.url}.${hint}`,
    { code: 'NOT_FOUND', dataset: dataset.name },
  )
}

/** What a listing tells about other days; empty when it fails or is too long to tell. */
async function newestHint(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [before = '', after = ''] = dataset.path.split(`rundate=${dataset.rundate}`)
  const prefix = `${before}rundate=`
  const dated = /^\d{4}-\d{2}-\d{2}/
  let newest: string | undefined
  let seen = 0
  try {
    for await (const { key } of store.list({ prefix, signal })) {
      const day = dated.exec(key.slice(prefix.length))?.[0]
      if (day !== undefined && key === `${prefix}${day}${after}`) newest = day
      seen += 1
      if (seen > LISTING_LIMIT) return ''
    }
  } catch {
    // A store that cannot list must not hide that the dataset is absent.
    return ''
  }
  return newest === undefined
    ? ' No dated partition of it was found there either: was it written, to this store, with this type and format?'
    : ` The newest rundate there is ${newest}.`
}
