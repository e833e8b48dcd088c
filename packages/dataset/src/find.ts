import type { ObjectInfo, Store } from '@prefect-ts/store'
import { type Dataset, type DatasetType, DATASET_TYPES, createDataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import type { LatestState } from './latest.ts'
import { readLatest } from './latest-guard.ts'
import {
  type PartitionType,
  type PartitionValue,
  NULL_PARTITION,
  parsePartition,
} from './partition.ts'
import { notFound } from './read.ts'
import { isDay } from './today.ts'

/** One dated file of a dataset. */
export interface PartitionInfo {
  /** Its day, `YYYY-MM-DD`. */
  readonly rundate: string
  /** The values of the further keys, typed as the dataset declares them; text where it does not. */
  readonly partitions: Readonly<Record<string, PartitionValue>>
  /** Path of the file. */
  readonly path: string
  /** Its size. */
  readonly bytes: number
  /** Its etag. */
  readonly etag: string
  /** When it was written, by the store's clock. */
  readonly lastModified: Date
}

/** Options of the calls that look for partitions. */
export interface ListPartitionsOptions {
  /** The first day wanted. */
  from?: string | undefined
  /** The last day wanted. */
  to?: string | undefined
  /** Ends the call. */
  signal?: AbortSignal | undefined
}

/** Options of calls that only take a signal. */
export interface FindOptions {
  /** Ends the call. */
  signal?: AbortSignal | undefined
}

/** One dataset of a store. */
export interface DatasetInfo {
  readonly name: string
  readonly type: DatasetType
  readonly format: string
  /** How many dated files it has. */
  readonly partitions: number
  /** Bytes of these together. */
  readonly bytes: number
  /** Its first and last day; `undefined` when it has only `latest`. */
  readonly oldest: string | undefined
  readonly newest: string | undefined
  /** Whether it has a `latest` file. */
  readonly hasLatest: boolean
}

/** What is known of a dataset without reading it. */
export interface DatasetDescription extends ObjectInfo {
  /** `dataset.readPath`, which all of this is about. */
  readonly path: string
  /** That path as other tools name it. */
  readonly uri: string
  /**
   * What stands at `latest`: its day, and rows and SHA-256 as its writer noted them. `undefined` when nothing does, or when a
   * writer without the guard made it.
   */
  readonly latest: LatestState | undefined
}

/** Whether there is something at `dataset.readPath`. */
export async function datasetExists(
  store: Store,
  dataset: Dataset,
  options: FindOptions = {},
): Promise<boolean> {
  return (await store.head(dataset.readPath, options)) !== undefined
}

/** What is known of the dataset at `dataset.readPath`, and of its `latest`. Rejects with `NOT_FOUND` like `readDataset`. */
export async function describeDataset(
  store: Store,
  dataset: Dataset,
  options: FindOptions = {},
): Promise<DatasetDescription> {
  const { signal } = options
  const path = dataset.readPath
  const found = await store.head(path, { signal })
  if (found === undefined) throw await notFound(store, dataset, signal)
  const latest = await readLatest(store, dataset, signal)
  const { rundate, rows, sha256 } = latest ?? {}
  return {
    ...found,
    path,
    uri: store.locate(path),
    latest: rundate === undefined ? undefined : { rundate, rows, sha256: sha256 ?? '' },
  }
}

/**
 * The dated files of the dataset in the order of their days, whatever their values of the further keys. Other files that lie
 * there are left out. Costs a listing of the dataset; of one year or month when `from` and `to` share it.
 *
 * @yields One entry per file.
 */
export async function* listPartitions(
  store: Store,
  dataset: Dataset,
  options: ListPartitionsOptions = {},
): AsyncGenerator<PartitionInfo> {
  const { from = '0001-01-01', to = '9999-12-31', signal } = options
  for (const [name, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (isDay(day)) continue
    throw new DatasetError(`${name} must be a day like "2013-01-01", got ${JSON.stringify(day)}.`, {
      code: 'INVALID_DATASET',
      dataset: dataset.name,
    })
  }
  const { before, file } = shapeOf(dataset)
  let shared = 0
  while (shared < 10 && from[shared] === to[shared]) shared += 1
  const ending = `/${file}`
  const keys = Object.keys(dataset.partitions)
  for await (const { key, size, etag, lastModified } of store.list({
    prefix: before + from.slice(0, shared),
    signal,
  })) {
    const rundate = key.slice(before.length, before.length + 10)
    if (rundate > to) return
    if (rundate < from || !key.endsWith(ending) || key[before.length + 10] !== '/') continue
    const middle = key.slice(before.length + 11, -file.length)
    const partitions = parseSegments(middle, keys, dataset.partitionTypes)
    if (partitions === undefined || !isDay(rundate)) continue
    yield { rundate, partitions, path: key, bytes: size, etag, lastModified }
  }
}

/** The dataset handle of a partition that was listed, to read, write or delete it. */
export function partitionDataset(dataset: Dataset, partition: PartitionInfo): Dataset {
  const { name, type, format, compression, today, partitionTypes } = dataset
  const { rundate, partitions } = partition
  return createDataset({
    name,
    type,
    format,
    compression,
    today,
    rundate,
    rundateType: 'specific',
    partitions,
    partitionTypes,
  })
}

/** The newest dated file with the dataset's own values of the further keys; `undefined` when there is none. */
export async function newestPartition(
  store: Store,
  dataset: Dataset,
  options: ListPartitionsOptions = {},
): Promise<PartitionInfo | undefined> {
  let newest: PartitionInfo | undefined
  for await (const partition of ownPartitions(store, dataset, options)) newest = partition
  return newest
}

/** The days from `from` to `to` that have no file with the dataset's own values of the further keys. */
export async function missingRundates(
  store: Store,
  dataset: Dataset,
  options: { from: string; to: string; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const there = new Set<string>()
  for await (const { rundate } of ownPartitions(store, dataset, options)) there.add(rundate)
  const missing: string[] = []
  const last = Date.parse(options.to)
  for (let time = Date.parse(options.from); time <= last; time += 86_400_000) {
    const day = new Date(time).toISOString().slice(0, 10)
    if (!there.has(day)) missing.push(day)
  }
  return missing
}

/** Every dataset of the store. Costs a listing of the types wanted. */
export async function listDatasets(
  store: Store,
  options: FindOptions & { type?: DatasetType | undefined } = {},
): Promise<DatasetInfo[]> {
  const { type: wanted, signal } = options
  const found = new Map<string, DatasetInfo>()
  for (const type of wanted === undefined ? DATASET_TYPES : [wanted]) {
    for await (const { key, size } of store.list({ prefix: `${type}/`, signal })) {
      const match =
        /^[^/]+\/([a-z0-9]+)\/(latest\/)?dataset=([^/]+)\/(?:rundate=(\d{4}-\d{2}-\d{2})\/)?(?:.*\/)?data\.[a-z0-9.]+$/s.exec(
          key,
        )
      const [, format = '', latest, name = '', day] = match ?? []
      if (match === null || (latest === undefined) === (day === undefined)) continue
      const id = `${type}/${format}/${name}`
      const before = found.get(id)
      const isDated = day !== undefined
      found.set(id, {
        name,
        type,
        format,
        partitions: (before?.partitions ?? 0) + (isDated ? 1 : 0),
        bytes: (before?.bytes ?? 0) + (isDated ? size : 0),
        oldest: before?.oldest ?? day,
        newest: day ?? before?.newest,
        hasLatest: !isDated || before?.hasLatest === true,
      })
    }
  }
  return [...found.values()]
}

/**
 * The dated files that differ from the dataset's own path in nothing but the day.
 *
 * @yields One entry per file.
 */
async function* ownPartitions(
  store: Store,
  dataset: Dataset,
  options: ListPartitionsOptions,
): AsyncGenerator<PartitionInfo> {
  const { before, after } = shapeOf(dataset)
  for await (const partition of listPartitions(store, dataset, options)) {
    if (partition.path === `${before}${partition.rundate}${after}`) yield partition
  }
}

/** A dataset's path without its day, and the name of its file. */
function shapeOf(dataset: Dataset): { before: string; after: string; file: string } {
  const directory = `${dataset.type}/${dataset.format}/dataset=${dataset.name}/rundate=`
  return {
    before: directory,
    after: dataset.path.slice(directory.length + 10),
    file: dataset.path.slice(dataset.path.lastIndexOf('/') + 1),
  }
}

/** The values in `k=v/k=v/`; `undefined` for what this dataset's layout would not give. */
function parseSegments(
  middle: string,
  keys: readonly string[],
  types: Readonly<Record<string, PartitionType>>,
): Record<string, PartitionValue> | undefined {
  const values: Record<string, PartitionValue> = {}
  if (middle === '') return keys.length === 0 ? values : undefined
  const segments = middle.slice(0, -1).split('/')
  if (segments.length !== keys.length) return undefined
  for (const [index, segment] of segments.entries()) {
    const key = keys[index] ?? ''
    if (!segment.startsWith(`${key}=`)) return undefined
    const text = segment.slice(key.length + 1)
    if (text === NULL_PARTITION) values[key] = null
    else {
      const value = parsePartition(text, types[key] ?? 'string')
      if (value === undefined) return undefined
      values[key] = value
    }
  }
  return values
}
