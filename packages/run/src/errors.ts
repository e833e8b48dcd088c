/** Why a run could not start or end as asked. */
export type RunErrorCode =
  | 'CANCELLED'
  | 'CHECK_FAILED'
  | 'INVALID_CONTEXT'
  | 'INVALID_PARAMS'
  | 'INVALID_RESULT'
  | 'MISSING_PACKAGE'
  | 'RESULT_NOT_STORED'
  | 'RUN_REFUSED'
  | 'UNKNOWN_DATASTORE'
  | 'UNKNOWN_PROTOCOL'
  | 'UNSUPPORTED_NODE'

/** Error of this package. `message` says what was wrong, where it came from and what to do; it holds no values of params. */
export class RunError extends Error {
  override readonly name: string = 'RunError'
  readonly code: RunErrorCode
  /** Whether the same run may succeed when it is tried again. */
  readonly retryable: boolean

  constructor(code: RunErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.retryable = code === 'RESULT_NOT_STORED'
  }
}

/** Whether `error` is a {@link RunError}, of one of `codes` when given. Structural: works across installed copies. */
export function isRunError(error: unknown, ...codes: RunErrorCode[]): error is RunError {
  if (!(error instanceof Error) || error.name !== 'RunError' || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}
