import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type Store, isStoreError } from '@prefect-ts/store'
import { fileError } from '@prefect-ts/store/files'
import type { Dataset } from './dataset.ts'
import { digestFile } from './digest.ts'
import { type LatestState, isNewer, latestBusy } from './latest.ts'
import type { LatestOutcome, ReplaceLatestOptions } from './latest-conditional.ts'
import { type LatestLock, acquireLatestLock } from './latest-lock.ts'
import {
  type FileRecord,
  type LatestRecord,
  type RecordEntry,
  formatRecord,
  readRecord,
  recordPath,
  resolveRecord,
} from './latest-record.ts'
import type { LatestContent } from './latest-source.ts'

/** Thrown out of a body to end a write that is not to happen; never seen by callers. */
class NoWrite extends Error {
  readonly current: LatestState | undefined
  constructor(current?: LatestState) {
    super('latest is not to be written')
    this.current = current
  }
}

/** What one attempt holds. */
interface Held {
  lock?: LatestLock
  /** What the record said under the lock. */
  record?: LatestRecord
  /** The step under the lock, begun. */
  preparing?: Promise<void>
}

/**
 * Replaces `latest` on a local disk. The content goes into a temporary file without the lock; the lock is taken when
 * the last byte is there, so it is held for an fsync and two small files only.
 */
export async function replaceOnDisk(
  store: Store,
  dataset: Dataset,
  content: () => Promise<LatestContent>,
  options: ReplaceLatestOptions,
): Promise<LatestOutcome> {
  const { signal, onProgress, force } = options
  const path = dataset.latestPath
  for (;;) {
    const known = await knownByEtag(store, dataset, signal)
    if (isNewer(known, dataset, force)) return { kind: 'kept-newer', current: known }
    const source = await content()
    const held: Held = {}
    try {
      const body = thenPrepare(source.open(), () => (held.preparing = prepare(source, held)))
      const put = await store.put(path, body, {
        signal,
        onProgress,
        size: source.bytes,
        sha256: source.sha256,
      })
      const current = { ...toEntry(dataset, source), etag: put.etag }
      await writeRecord(store, dataset, held.record ?? {}, { current, next: undefined })
      return { kind: 'written', etag: put.etag, content: source }
    } catch (error) {
      if (error instanceof NoWrite) {
        if (error.current !== undefined) return { kind: 'kept-newer', current: error.current }
      } else if (!isStoreError(error, 'PRECONDITION_FAILED')) {
        throw error
      }
      // Another writer of the same day has replaced the dated file: take its content.
    } finally {
      // An aborted `put` rejects at once, while that step is still taking the lock or writing under it.
      await held.preparing?.catch(() => undefined)
      await held.lock?.release()
    }
  }

  async function prepare(source: LatestContent, held: Held): Promise<void> {
    signal?.throwIfAborted()
    const lock = await lockOf(store, dataset, signal)
    held.lock = lock
    const record = await readRecord(store, dataset, signal)
    held.record = record
    const current = await readLatestOnDisk(store, dataset, record, signal)
    if (isNewer(current, dataset, force)) throw new NoWrite(current)
    if (source.datedEtag !== undefined) {
      const dated = await store.head(dataset.path, { signal })
      if (dated !== undefined && dated.etag !== source.datedEtag) throw new NoWrite()
    }
    await writeRecord(store, dataset, record, { current, next: toEntry(dataset, source) })
    if (!(await lock.isHeld())) throw new NoWrite()
  }
}

/** What stands at `latest`, by the record and, if that is in doubt, by the content's digest. */
export async function readLatestOnDisk(
  store: Store,
  dataset: Dataset,
  record: LatestRecord,
  signal: AbortSignal | undefined,
): Promise<RecordEntry | undefined> {
  const found = await store.head(dataset.latestPath, { signal })
  if (found === undefined) return undefined
  const file = store.locate(dataset.latestPath)
  const entry = await resolveRecord(record[basename(dataset.latestPath)], {
    etag: found.etag,
    bytes: found.size,
    sha256: async () => (await digestFile(file, signal)).sha256,
  })
  return entry && { ...entry, etag: found.etag }
}

/** A look without the lock: only what it says for certain counts. */
async function knownByEtag(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<RecordEntry | undefined> {
  const { current } = (await readRecord(store, dataset, signal))[basename(dataset.latestPath)] ?? {}
  if (current === undefined) return undefined
  const found = await store.head(dataset.latestPath, { signal })
  return found?.etag === current.etag ? current : undefined
}

async function lockOf(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<LatestLock> {
  const folder = dirname(store.locate(dataset.latestPath))
  try {
    await mkdir(folder, { recursive: true })
    const lock = await acquireLatestLock(folder, { signal })
    if (lock !== undefined) return lock
  } catch (error) {
    signal?.throwIfAborted()
    throw fileError(error, `Cannot lock ${folder}`, { key: dataset.latestPath, path: folder })
  }
  throw latestBusy(dataset, `one process has held the lock in ${folder} for minutes`)
}

async function writeRecord(
  store: Store,
  dataset: Dataset,
  record: LatestRecord,
  file: FileRecord,
): Promise<void> {
  const text = formatRecord({ ...record, [basename(dataset.latestPath)]: file })
  // Without the signal: an aborted one might come in place when the lock is another's.
  await store.put(recordPath(dataset), text)
}

function toEntry(dataset: Dataset, { rows, bytes, sha256 }: LatestContent): RecordEntry {
  return { rundate: dataset.rundate, rows, bytes, sha256, etag: undefined }
}

/**
 * The content, and then, before its end is seen, one step more.
 *
 * @yields The content's chunks.
 */
async function* thenPrepare(
  body: AsyncIterable<Uint8Array | string>,
  prepare: () => Promise<void>,
): AsyncGenerator<Uint8Array | string> {
  yield* body
  await prepare()
}
