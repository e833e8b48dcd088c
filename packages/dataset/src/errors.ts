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
 * - `UNSUPPORTED`: the store cannot guard `latest`, or the codec cannot do what the dataset declares.
 * - `INVALID_CONTENT`: a file that is not of its format: damaged, cut, another encoding, a column missing.
 * - `INVALID_ROW`: a row that the column types or the row schema refuse, or more of them than allowed.
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
  | 'INVALID_CONTENT'
  | 'INVALID_ROW'

/** What a `DatasetError` carries besides its message. */
export interface DatasetErrorOptions {
  /** The reason, from the closed set. */
  code: DatasetErrorCode
  /** The dataset's name, where it is known. */
  dataset?: string | undefined
  /** The row concerned, from 1, not counting a header. */
  row?: number | undefined
  /** The line of the file concerned, from 1. */
  line?: number | undefined
  /** The column concerned. */
  column?: string | undefined
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
  /** The row concerned, from 1, not counting a header. */
  readonly row: number | undefined
  /** The line of the file concerned, from 1. */
  readonly line: number | undefined
  /** The column concerned. */
  readonly column: string | undefined

  constructor(message: string, options: DatasetErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.dataset = options.dataset
    this.row = options.row
    this.line = options.line
    this.column = options.column
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
