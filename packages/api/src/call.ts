import { ApiError, type ApiErrorCode, type ApiErrorOptions } from './errors.ts'
import { authorizationOf } from './headers.ts'
import type { Settings } from './settings.ts'

/** One call of a client: what errors say about it. */
export interface Call {
  readonly method: string
  /** Path below the API URL, parameters put in, without the query. */
  readonly path: string
  /** What is sent; only to keep it out of messages. */
  readonly body: unknown
  readonly settings: Settings
}

/** An error of a call: "GET /flows/1 on http://…: <problem>". */
export function callError(
  call: Call,
  code: ApiErrorCode,
  problem: string,
  options: Omit<ApiErrorOptions, 'code' | 'method' | 'path'> = {},
): ApiError {
  const { method, path, settings } = call
  const message = `${method} ${path} on ${settings.apiUrl}: ${problem}`
  return new ApiError(message, { ...options, code, method, path })
}

/** The connection failed: which address, where it came from, and what to do. */
export function connectionError(call: Call, error: unknown): ApiError {
  const { method, path, settings } = call
  const { apiUrl, sources } = settings
  const message =
    `No answer from the Prefect API at ${apiUrl} (from ${sources.apiUrl.place}) to ${method} ${path}: ` +
    `${networkReason(error)}. Is the server running, and the address right?`
  return new ApiError(message, { code: 'CONNECTION_FAILED', method, path, cause: error })
}

/** The address is probably not that of an API. */
export function addressHint({ apiUrl, sources }: Settings): string {
  return `Is ${apiUrl} (from ${sources.apiUrl.place}) the address of a Prefect API? PREFECT_API_URL should end in /api`
}

/** Which credentials were sent, by the place that they came from. */
export function credentialsHint(settings: Settings): string {
  const authorization = authorizationOf(settings)
  return authorization === undefined
    ? 'No credentials were sent: set PREFECT_API_KEY, or PREFECT_API_AUTH_STRING for a server with a password'
    : `The credentials came from ${authorization.place}`
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name server did not answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'connecting took too long',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_SOCKET: 'the server closed the connection',
}

function networkReason(error: unknown): string {
  const code = errorCode(error)
  if (code === undefined) return 'the connection failed'
  const reason = reasons[code]
  return reason === undefined ? code : `${reason} (${code})`
}

/** The code of an error; for several addresses tried, that of the first. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined
}
