import { channel } from 'node:diagnostics_channel'
import type { Store } from '@prefect-ts/store'
import type { Dataset } from './dataset.ts'
import type { WriteDatasetResult } from './write.ts'

/** Published on the channel `prefect-ts:dataset.read` when a dataset was found and its content can be read. */
export interface DatasetReadEvent {
  /** What was read. */
  readonly dataset: Dataset
  /** The store's URL, without credentials. */
  readonly store: string
  /** The path that was opened. */
  readonly path: string
  /** That path as other tools name it. */
  readonly uri: string
  /** Bytes of the object. */
  readonly bytes: number
  /** The object's etag. */
  readonly etag: string
}

/** Published on the channel `prefect-ts:dataset.write` when every path of a write is in place. */
export interface DatasetWriteEvent extends WriteDatasetResult {
  /** What was written. */
  readonly dataset: Dataset
  /** The store's URL, without credentials. */
  readonly store: string
}

/** Published on the channel `prefect-ts:dataset.write-failed` when a write that had begun failed. */
export interface DatasetWriteFailedEvent {
  /** What was to be written. */
  readonly dataset: Dataset
  /** The store's URL, without credentials. */
  readonly store: string
  /** The path that was to be written first, as other tools name it. */
  readonly uri: string
  /** Why it failed. */
  readonly error: unknown
}

const readChannel = channel('prefect-ts:dataset.read')
const writeChannel = channel('prefect-ts:dataset.write')
const writeFailedChannel = channel('prefect-ts:dataset.write-failed')

/** Tells subscribers of a read; costs nothing when there are none. */
export function announceRead(
  store: Store,
  dataset: Dataset,
  found: { path: string; size: number; etag: string },
): void {
  if (!readChannel.hasSubscribers) return
  const { path, size, etag } = found
  const event: DatasetReadEvent = {
    dataset,
    store: store.url,
    path,
    uri: store.locate(path),
    bytes: size,
    etag,
  }
  readChannel.publish(event)
}

/** Tells subscribers of a write; costs nothing when there are none. */
export function announceWrite(store: Store, dataset: Dataset, result: WriteDatasetResult): void {
  if (!writeChannel.hasSubscribers) return
  const event: DatasetWriteEvent = { ...result, dataset, store: store.url }
  writeChannel.publish(event)
}

/** Tells subscribers of a write that failed. */
export function announceFailedWrite(store: Store, dataset: Dataset, error: unknown): void {
  if (!writeFailedChannel.hasSubscribers) return
  const [path = dataset.path] = dataset.writePaths
  const uri = store.locate(path)
  const event: DatasetWriteFailedEvent = { dataset, store: store.url, uri, error }
  writeFailedChannel.publish(event)
}
