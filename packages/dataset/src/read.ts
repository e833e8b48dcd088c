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

/** The error for a dataset that is not there: with its newest rundate, or the names of datasets that are near. */
export async function notFound(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<DatasetError> {
  const hint =
    (await newestHint(store, dataset, signal)) ?? (await nameHint(store, dataset, signal))
  signal?.throwIfAborted()
  return new DatasetError(
    `Dataset "${dataset.name}" was not found at "${dataset.readPath}" in ${store.url}.${hint}`,
    { code: 'NOT_FOUND', dataset: dataset.name },
  )
}

/** The newest day there is; empty when a listing fails or is too long to tell, `undefined` when there is none. */
async function newestHint(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
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
  if (newest === undefined || dataset.readPath === dataset.path) {
    return newest && ` The newest rundate there is ${newest}.`
  }
  return ` There is no latest, only days; the newest is ${newest}: name it as the rundate.`
}

async function nameHint(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<string> {
  const names = new Set<string>()
  let seen = 0
  try {
    for await (const { key } of store.list({ prefix: `${dataset.type}/`, signal })) {
      const name = /\/dataset=([^/]+)\//.exec(key)?.[1]
      if (name !== undefined) names.add(name)
      seen += 1
      if (seen > LISTING_LIMIT) break
    }
  } catch {
    return ''
  }
  const near = [...names]
    .map((name) => ({ name, likeness: likeness(name, dataset.name) }))
    .filter((one) => one.likeness > 0.4)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, 5)
  const none = ' No dated partition of it was found there either'
  if (near.length === 0) {
    return `${none}: was it written, to this store, with this type and format?`
  }
  const quoted = near.map(({ name }) =>
    name === dataset.name ? `"${name}" with another format or partition` : `"${name}"`,
  )
  return `${none}; there ${near.length === 1 ? 'is' : 'are'} ${quoted.join(', ')}.`
}

/** Share of letter pairs that two names have in common (Dice), from 0 to 1. */
function likeness(a: string, b: string): number {
  const first = pairs(a)
  const second = pairs(b)
  const shared = new Set(second)
  return (2 * first.filter((pair) => shared.has(pair)).length) / (first.length + second.length)
}

function pairs(text: string): string[] {
  return Array.from({ length: Math.max(1, text.length - 1) }, (_, at) =>
    text.toLowerCase().slice(at, at + 2),
  )
}
