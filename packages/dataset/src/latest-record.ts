import type { Store } from '@prefect-ts/store'
import { posix } from 'node:path'
import type { Dataset } from './dataset.ts'
import type { LatestState } from './latest.ts'
import { isDay } from './today.ts'

/** One content of a `latest` file, as `_latest.json` notes it. */
export interface RecordEntry extends LatestState {
  readonly bytes: number
  /** Etag of the file with this content; `undefined` until it is in place. */
  readonly etag: string | undefined
}

/** What `_latest.json` says of one file. */
export interface FileRecord {
  /** What was put in place last. */
  readonly current: RecordEntry | undefined
  /** What a writer was about to put in place. */
  readonly next: RecordEntry | undefined
}

/** The whole of `_latest.json`, by file name. */
export type LatestRecord = Readonly<Record<string, FileRecord>>

/** The file as the disk has it. */
export interface FileFacts {
  readonly etag: string
  readonly bytes: number
  /** SHA-256 of its content; costs reading it. */
  sha256(): Promise<string>
}

/** Key of the record beside a dataset's `latest` file. */
export function recordPath(dataset: Dataset): string {
  return posix.join(posix.dirname(dataset.latestPath), '_latest.json')
}

/**
 * Which of the contents noted stands there: the etag tells at once; after a crash, or when the files were copied from
 * elsewhere, the digest does. `undefined`, which counts as oldest, for a file that a writer without the guard made.
 */
export async function resolveRecord(
  record: FileRecord | undefined,
  file: FileFacts,
): Promise<RecordEntry | undefined> {
  if (record === undefined) return undefined
  const { current, next } = record
  if (current !== undefined && current.etag === file.etag) return current
  const candidates = [next, current].filter((entry) => entry?.bytes === file.bytes)
  if (candidates.length === 0) return undefined
  const sha256 = await file.sha256()
  return candidates.find((entry) => entry?.sha256 === sha256)
}

/** Reads the record; an absent or unreadable one is empty, as it is derived and advisory. */
export async function readRecord(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<LatestRecord> {
  const found = await store.get(recordPath(dataset), { signal })
  return found === undefined ? {} : parseRecord(await new Response(found.body).text())
}

/** The record of a text; what is not of its form is left out. */
export function parseRecord(text: string): LatestRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {}
  }
  const { version, files } = fields(value)
  if (version !== 1) return {}
  return Object.fromEntries(
    Object.entries(fields(files)).map(([name, record]) => {
      const { current, next } = fields(record)
      return [name, { current: toEntry(current), next: toEntry(next) }]
    }),
  )
}

/** The record as text, in the form that protocol/latest.md gives. */
export function formatRecord(record: LatestRecord): string {
  const files = Object.fromEntries(
    Object.entries(record).map(([name, { current, next }]) => [
      name,
      { current: fromEntry(current), ...(next === undefined ? {} : { next: fromEntry(next) }) },
    ]),
  )
  return `${JSON.stringify({ version: 1, files }, undefined, 2)}\n`
}

function fromEntry(entry: RecordEntry | undefined): object | null {
  if (entry === undefined) return null
  const { rundate, rows, bytes, sha256, etag } = entry
  return { rundate, rows: rows ?? null, bytes, sha256, ...(etag === undefined ? {} : { etag }) }
}

function toEntry(value: unknown): RecordEntry | undefined {
  const { rundate, rows, bytes, sha256, etag } = fields(value)
  if (!isDay(rundate) || typeof sha256 !== 'string' || !Number.isSafeInteger(bytes))
    return undefined
  return {
    rundate,
    rows: Number.isSafeInteger(rows) ? Number(rows) : undefined,
    bytes: Number(bytes),
    sha256,
    etag: typeof etag === 'string' ? etag : undefined,
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
