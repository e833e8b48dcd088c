import { isStoreError, type Store } from '@prefect-ts/store'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { type LatestState, fromMetadata } from './latest.ts'
import { readLatestOnDisk } from './latest-disk.ts'
import { readRecord } from './latest-record.ts'

/** How a store can guard `latest`. */
export type LatestGuard = 'conditional' | 'disk'

/** Picks the guard. Throws `UNSUPPORTED`, before anything is written, when the store has none. */
export function guardOf(
  store: Store,
  dataset: Dataset,
  wanted: 'guarded' | 'unguarded',
): LatestGuard | 'unguarded' {
  if (wanted === 'unguarded') return 'unguarded'
  const guard = findGuard(store)
  if (guard !== undefined) return guard
  throw unguarded(store, dataset, 'it lacks conditional writes with metadata. Nothing was written')
}

/** The error of a replaced `latest`, also where a server shows only then that it ignores conditions. */
export function replaceError(store: Store, dataset: Dataset, error: unknown): unknown {
  if (!isStoreError(error, 'UNSUPPORTED')) return error
  const [first] = dataset.writePaths
  const written = first === dataset.latestPath ? 'Nothing was written' : `"${first}" is written`
  return unguarded(store, dataset, `${error.message}. ${written}`, error)
}

function unguarded(store: Store, dataset: Dataset, why: string, cause?: unknown): DatasetError {
  return new DatasetError(
    `Dataset "${dataset.name}": ${store.url} cannot guard latest: ${why}. ` +
      'Say latest: "unguarded" if no other writer can come in between.',
    { code: 'UNSUPPORTED', dataset: dataset.name, cause },
  )
}

/** What stands at `latest`; `undefined` when nothing does or when a writer without the guard made it. */
export async function readLatest(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<LatestState | undefined> {
  if (findGuard(store) === 'disk') {
    const record = await readRecord(store, dataset, signal)
    return await readLatestOnDisk(store, dataset, record, signal)
  }
  const found = await store.head(dataset.latestPath, { signal })
  return found && fromMetadata(found.metadata)
}

function findGuard(store: Store): LatestGuard | undefined {
  const { ifAbsent, ifMatch, metadata } = store.capabilities
  if (ifAbsent && ifMatch && metadata) return 'conditional'
  return ifAbsent && store.url.startsWith('file:') ? 'disk' : undefined
}
