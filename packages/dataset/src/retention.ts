import { posix } from 'node:path'
import type { Store } from '@prefect-ts/store'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { type FindOptions, type PartitionInfo, listPartitions } from './find.ts'
import { readLatest } from './latest-guard.ts'
import { checkLinks } from './links.ts'
import { isDay } from './today.ts'

/** What `deleteOldPartitions` is to keep: exactly one of the two. */
export interface DeleteOldPartitionsOptions extends FindOptions {
  /** Keep the newest so many days. */
  keep?: number | undefined
  /** Keep this day and those after it. */
  keepFrom?: string | undefined
  /**
   * Only say what would go. Say `false` to delete.
   * @default true
   */
  dryRun?: boolean | undefined
}

/** What retention did, or would do. */
export interface DeletedPartitions {
  /** The files deleted; with `dryRun` those that would be. */
  readonly deleted: readonly PartitionInfo[]
  /** Their bytes together. */
  readonly bytes: number
  /** How many files stay. */
  readonly kept: number
  /** Whether nothing was really deleted. */
  readonly dryRun: boolean
}

/**
 * Deletes the dated file of this partition and the rows refused for it. An absent one is no error. `latest` is left alone, also when
 * it has the content of this day.
 */
export async function deletePartition(
  store: Store,
  dataset: Dataset,
  options: FindOptions = {},
): Promise<void> {
  checkLinks(store, dataset, [dataset.path])
  await store.delete([dataset.path, ...rejectsOf(dataset.path)], options)
}

/**
 * Deletes old days of a dataset, with all values of its further keys. The day that `latest` stands at is always kept. It
 * only tells what it would do unless `dryRun: false`.
 */
export async function deleteOldPartitions(
  store: Store,
  dataset: Dataset,
  options: DeleteOldPartitionsOptions,
): Promise<DeletedPartitions> {
  const { keep, keepFrom, dryRun = true, signal } = options
  const isCount = keep !== undefined && Number.isSafeInteger(keep) && keep >= 1
  if (isCount === isDay(keepFrom) || (keep !== undefined && keepFrom !== undefined)) {
    throw new DatasetError(
      `Dataset "${dataset.name}": say what to keep: keep (a number of days, at least 1) or keepFrom (a day like "2013-01-01").`,
      { code: 'INVALID_DATASET', dataset: dataset.name },
    )
  }
  const all: PartitionInfo[] = []
  for await (const partition of listPartitions(store, dataset, { signal })) all.push(partition)
  const days = [...new Set(all.map(({ rundate }) => rundate))]
  const first = keepFrom ?? days.at(-(keep ?? 1)) ?? '0001-01-01'
  const latest = (await readLatest(store, dataset, signal))?.rundate
  const deleted = all.filter(({ rundate }) => rundate < first && rundate !== latest)
  if (!dryRun) {
    checkLinks(
      store,
      dataset,
      deleted.map(({ path }) => path),
    )
    const keys = deleted.flatMap(({ path }) => [path, ...rejectsOf(path)])
    await store.delete(keys, { signal })
  }
  const bytes = deleted.reduce((sum, partition) => sum + partition.bytes, 0)
  return { deleted, bytes, kept: all.length - deleted.length, dryRun }
}

function rejectsOf(path: string): string[] {
  const folder = posix.join('rejects', posix.dirname(path))
  return [`${folder}/read.ndjson`, `${folder}/write.ndjson`]
}
