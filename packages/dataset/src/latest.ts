import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { isDay } from './today.ts'

/** What stands at a dataset's `latest` path, as far as a guarded write has noted it. */
export interface LatestState {
  /** The day whose content stands there. */
  readonly rundate: string
  /** Its rows, or `undefined` when the writer did not know. */
  readonly rows: number | undefined
  /** SHA-256 of the content, hex. */
  readonly sha256: string
}

const PREFIX = 'prefect-ts-'

/** The metadata of a guarded `latest` object: protocol/latest.md. */
export function toMetadata(state: LatestState): Record<string, string> {
  return {
    [`${PREFIX}rundate`]: state.rundate,
    ...(state.rows === undefined ? {} : { [`${PREFIX}rows`]: String(state.rows) }),
    [`${PREFIX}sha256`]: state.sha256,
  }
}

/** What the metadata says; `undefined`, which counts as oldest, when a writer without the guard made the object. */
export function fromMetadata(metadata: Readonly<Record<string, string>>): LatestState | undefined {
  const rundate = metadata[`${PREFIX}rundate`]
  const rows = metadata[`${PREFIX}rows`]
  if (!isDay(rundate)) return undefined
  return {
    rundate,
    rows: rows !== undefined && /^\d{1,15}$/.test(rows) ? Number(rows) : undefined,
    sha256: metadata[`${PREFIX}sha256`] ?? '',
  }
}

/** Refuses metadata under the guard's own names, which would make `latest` lie. */
export function checkMetadata(
  dataset: Dataset,
  metadata: Readonly<Record<string, string>> | undefined,
): void {
  const taken = Object.keys(metadata ?? {}).find((name) => name.startsWith(PREFIX))
  if (taken === undefined) return
  throw new DatasetError(
    `Dataset "${dataset.name}": metadata "${taken}" is refused: names starting with "${PREFIX}" are the guard's own.`,
    { code: 'INVALID_DATASET', dataset: dataset.name },
  )
}

/** Whether `dataset` must not replace what stands there: only a newer day does that. */
export function isNewer(
  current: LatestState | undefined,
  dataset: Dataset,
  force: boolean,
): current is LatestState {
  return !force && current !== undefined && current.rundate > dataset.rundate
}

/** The error for an explicit write of `latest` that would take it back in time. */
export function newerLatest(dataset: Dataset, current: LatestState): DatasetError {
  return new DatasetError(
    `Dataset "${dataset.name}": latest stands at ${current.rundate}, which is newer than ${dataset.rundate}; nothing ` +
      'was written. Write the day itself with rundateType: "specific", or take latest back with force: true.',
    { code: 'NEWER_LATEST', dataset: dataset.name },
  )
}

/** Refuses to let `latest` run ahead of today. */
export function checkFuture(dataset: Dataset, force: boolean): void {
  if (force || dataset.rundate <= dataset.today) return
  if (!dataset.writePaths.includes(dataset.latestPath)) return
  throw new DatasetError(
    `Dataset "${dataset.name}": ${dataset.rundate} is after today (${dataset.today}), and latest would then keep out ` +
      'every run until that day; nothing was written. Write the day itself with rundateType: "specific", or say force: true.',
    { code: 'FUTURE_RUNDATE', dataset: dataset.name },
  )
}

/** The error for a `latest` that others kept busy for too long. */
export function latestBusy(dataset: Dataset, reason: string): DatasetError {
  return new DatasetError(
    `Dataset "${dataset.name}": "${dataset.latestPath}" could not be replaced: ${reason}. ` +
      'What was there is untouched; write again.',
    { code: 'LATEST_BUSY', dataset: dataset.name },
  )
}
