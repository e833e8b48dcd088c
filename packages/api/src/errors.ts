import { maskSecrets } from './secret.ts'

/** Why a call, or the configuration before it, failed. Each code asks for another reaction. */
export type ApiErrorCode =
  /** No API URL is configured, or it is empty; where Prefect would start a temporary server. */
  | 'NO_API_URL'
  /** A setting, profile or settings file cannot be used; the message names the place. */
  | 'INVALID_SETTING'
  /** The server was not reached, or the connection broke before its answer was complete. */
  | 'CONNECTION_FAILED'
  /** The server's certificate, or the TLS that it speaks, was refused. */
  | 'TLS_FAILED'
  /** The call took longer than its limit. Repeating it can do no harm. */
  | 'TIMEOUT'
  /** It was sent and no answer came, and the server would take a repetition for another call: look what it did before calling again. */
  | 'OUTCOME_UNKNOWN'
  /** 401: no credentials, or wrong ones. */
  | 'UNAUTHORIZED'
  /** 403: the credentials do not allow this call. */
  | 'FORBIDDEN'
  /** 404: no such object. */
  | 'NOT_FOUND'
  /** 409: it exists already, or contradicts what exists; so do a state that Prefect's rules end, and a slot that was lost. */
  | 'CONFLICT'
  /** Another 4xx, or arguments that no request could be made of. */
  | 'INVALID_REQUEST'
  /** 429: too many requests. */
  | 'RATE_LIMITED'
  /** 408, 502, 503, 504: the server, or a proxy before it, cannot answer now. */
  | 'UNAVAILABLE'
  /** Another 5xx. */
  | 'SERVER_ERROR'
  /** What answered does not speak Prefect's API: HTML, no JSON, a redirect, an answer too large. */
  | 'INVALID_RESPONSE'

/** What an `ApiError` is made of. */
export interface ApiErrorOptions {
  /** The reason, for programs. */
  code: ApiErrorCode
  /** HTTP status of the answer, when there was one. */
  status?: number | undefined
  /** HTTP method of the call. */
  method?: string | undefined
  /** Path of the call below the API URL, without its query. */
  path?: string | undefined
  /** How long the server asked to wait before the next call, in milliseconds. */
  retryAfterMs?: number | undefined
  /** The id that the server, or a proxy before it, gave the request. */
  requestId?: string | undefined
  /** The server's own explanation, without anything that the request had sent. */
  detail?: string | undefined
  /** The error underneath. */
  cause?: unknown
}

const retryableCodes: readonly ApiErrorCode[] = [
  'CONNECTION_FAILED',
  'TIMEOUT',
  'RATE_LIMITED',
  'UNAVAILABLE',
]

/**
 * A failed call of the Prefect API. Neither message, stack, cause nor properties hold a request
 * body, a header, a query or a registered secret.
 */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  /** The reason, for programs. */
  readonly code: ApiErrorCode
  /** HTTP status of the answer, when there was one. */
  readonly status: number | undefined
  /** Whether the same call may succeed later without any change. After 408, 502, 503 and 504 it may also have had its effect already. */
  readonly retryable: boolean
  /** HTTP method of the call. */
  readonly method: string | undefined
  /** Path of the call below the API URL, without its query. */
  readonly path: string | undefined
  /** How long the server asked to wait before the next call (`Retry-After`), in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The id that the server, or a proxy before it, gave the request: what its operator can look for. */
  readonly requestId: string | undefined
  /** The server's own explanation. */
  readonly detail: string | undefined

  constructor(message: string, options: ApiErrorOptions) {
    super(maskSecrets(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.status = options.status
    this.retryable = retryableCodes.includes(options.code)
    this.method = options.method
    this.path = options.path === undefined ? undefined : maskSecrets(options.path)
    this.retryAfterMs = options.retryAfterMs
    this.requestId = options.requestId
    this.detail = options.detail === undefined ? undefined : maskSecrets(options.detail)
  }

  /** The error as plain data, its message included. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, status, retryable, retryAfterMs } = this
    const { method, path, requestId, detail } = this
    return { name, message, code, status, retryable, retryAfterMs, method, path, requestId, detail }
  }
}

/** Whether an error is an `ApiError`, of one of the codes if any are given. Knows other installed copies too. */
export function isApiError(error: unknown, ...codes: ApiErrorCode[]): error is ApiError {
  if (!(error instanceof Error) || error.name !== 'ApiError' || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}
