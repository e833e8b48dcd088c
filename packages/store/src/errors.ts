/** Every code a `StoreError` can carry. The set is closed: a new one is a new minor version. */
export const storeErrorCodes = [
  'NOT_FOUND',
  'INVALID_KEY',
  'INVALID_ARGUMENT',
  'INVALID_CONFIG',
  'ALREADY_EXISTS',
  'PRECONDITION_FAILED',
  'UNSUPPORTED',
  'ACCESS_DENIED',
  'NO_SPACE',
  'NOT_A_FILE',
  'STALLED',
  'LENGTH_MISMATCH',
  'DIGEST_MISMATCH',
  'OUTCOME_UNKNOWN',
  'UNAVAILABLE',
  'IO_ERROR',
] as const

/** One of the closed set of codes; the README says for each what happened and what to do. */
export type StoreErrorCode = (typeof storeErrorCodes)[number]

/** What a `StoreError` is made of, beside its message. */
export interface StoreErrorOptions {
  /** What happened. */
  code: StoreErrorCode
  /** The key of the object concerned, as the caller gave it. */
  key?: string | undefined
  /** The error that led to this one. It must hold no secret. */
  cause?: unknown
}

/** The only error class of stores and their drivers. Test it with `isStoreError`, not with `instanceof`. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError'
  /** What happened. */
  readonly code: StoreErrorCode
  /** The key of the object concerned, or undefined when the error concerns no single object. */
  readonly key: string | undefined
  /** Whether the same call may succeed when it is repeated unchanged: true for `UNAVAILABLE` and `STALLED`. */
  readonly retryable: boolean

  constructor(message: string, options: StoreErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.key = options.key
    this.retryable = options.code === 'UNAVAILABLE' || options.code === 'STALLED'
  }
}

/**
 * Whether `error` is a `StoreError`, with one of `codes` when any are given.
 * Looks at `name` and `code`, so errors of another installed copy of this package count too.
 *
 * @example
 * if (isStoreError(error, 'ALREADY_EXISTS')) return
 */
export function isStoreError<Code extends StoreErrorCode = StoreErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is StoreError & { readonly code: Code } {
  if (!(error instanceof Error) || error.name !== 'StoreError') return false
  const code: unknown = 'code' in error ? error.code : undefined
  if (typeof code !== 'string') return false
  return codes.length === 0 || codes.some((wanted) => wanted === code)
}

/** The key in quotes for a message: escaped, and cut when it is longer than a line should be. */
export function quoteKey(key: unknown): string {
  const text = typeof key === 'string' ? JSON.stringify(key) : String(key)
  return text.length > 200 ? `${text.slice(0, 160)}…" (${text.length} characters)` : text
}

/** Keeps a `StoreError` that names its key as it is; any other error that a driver threw is told what was being done. */
export function toStoreError(error: unknown, doing: string, key: string | undefined): StoreError {
  if (isStoreError(error)) {
    if (key === undefined || error.key !== undefined) return error
    const { code, cause, message } = error
    return new StoreError(`${doing}: ${message}`, { code, key, cause })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(`${doing}: ${reason}`, { code: 'IO_ERROR', key, cause: error })
}

/** The error for an object that must be there and is not. */
export function notFound(verb: string, key: string, url: string): StoreError {
  const message = `Cannot ${verb} ${quoteKey(key)}: there is no such object in ${url}`
  return new StoreError(message, { code: 'NOT_FOUND', key })
}
