/**
 * Why a dataset call failed.
 *
 * - `INVALID_DATASET`: a name, date, type, format, compression or partition that the layout refuses.
 * - `INVALID_PARAMETER`: a flow parameter is unknown, missing or of the wrong type or form.
 * - `INVALID_SOURCE`: the file or stream handed to `writeDataset` cannot be read or changed meanwhile.
 * - `NOT_FOUND`: the dataset has no data at the path that the read/write table names.
 * - `NEWER_LATEST`: an explicit write of `latest` for a day older than the one that stands there.
 * - `FUTURE_RUNDATE`: an explicit write of `latest` for a day after today.
 * - `LATEST_BUSY`: other writers kept `latest` busy for too long; the dated file, if any, is in place.
 * - `UNSUPPORTED`: the store cannot guard `latest`.
 *
 * Failures of the store itself stay `StoreError`s.
 */
export type DatasetErrorCode =
  | 'INVALID_DATASET'
  | 'INVALID_PARAMETER'
  | 'INVALID_SOURCE'
  | 'NOT_FOUND'
  | 'NEWER_LATEST'
  | 'FUTURE_RUNDATE'
  | 'LATEST_BUSY'
  | 'UNSUPPORTED'

/** What a `DatasetError` carries besides its message. */
export interface DatasetErrorOptions {
  /** The reason, from the closed set. */
  code: DatasetErrorCode
  /** The dataset's name, where it is known. */
  dataset?: string | undefined
  /** The error underneath. */
  cause?: unknown
}

/** A dataset that cannot be named, read or written; the message says what was wrong and what to do. */
export class DatasetError extends Error {
  override readonly name: string = 'DatasetError'
  /** The reason, from the closed set. */
  readonly code: DatasetErrorCode
  /** The dataset's name, or `undefined` when the name itself is missing. */
  readonly dataset: string | undefined

  constructor(message: string, options: DatasetErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.dataset = options.dataset
  }
}

/**
 * Whether `error` is a `DatasetError`, and if codes are given, one of those.
 * Structural, so that errors of another installed copy of this package count too.
 */
export function isDatasetError(
  error: unknown,
  ...codes: readonly DatasetErrorCode[]
): error is DatasetError {
  if (!(error instanceof Error) || error.name !== 'DatasetError' || !('code' in error)) return false
  const { code } = error
  return codes.length === 0 || codes.some((wanted) => wanted === code)
}

/** Quotes a refused value for a message, cut at 80 characters; other types are named only. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return value === undefined ? 'nothing' : `a value of type ${typeof value}`
}
