import { ApiError, isApiError, type ApiErrorCode, type ApiErrorOptions } from './errors.ts'
import { authorizationOf } from './headers.ts'
import type { Settings } from './settings.ts'

/** One call of a client: what errors say about it. */
export interface Call {
  readonly method: string
  /** Path as the API's document has it, parameters in braces. */
  readonly template: string
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
  const to = `${apiUrl} (from ${sources.apiUrl.place})`
  const reason = networkReason(error)
  if (isTlsError(error)) {
    const message =
      `The TLS connection to the Prefect API at ${to} for ${method} ${path} was refused: ${reason}. ` +
      'Set PREFECT_API_SSL_CERT_FILE to trust the authority of an own certificate'
    return new ApiError(message, { code: 'TLS_FAILED', method, path, cause: error })
  }
  const message =
    `No answer from the Prefect API at ${to} to ${method} ${path}: ${reason}. ` +
    'Is the server running, and the address right?'
  return new ApiError(message, { code: 'CONNECTION_FAILED', method, path, cause: error })
}

/** The call was sent, no answer came, and to send it again could make it act twice. */
export function unknownOutcome(call: Call, error: unknown): ApiError {
  const reason = isApiError(error, 'TIMEOUT') ? 'no complete answer in time' : networkReason(error)
  const problem = `${reason} after it was sent. It is unknown whether the server acted; it was not repeated because that could act twice`
  return callError(call, 'OUTCOME_UNKNOWN', problem, { cause: error })
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
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is of an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is of an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
  EPROTO: 'what answered speaks no TLS that is accepted',
  UND_ERR_SOCKET: 'the server closed the connection',
}

const tlsCodes =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|EPROTO$|ERR_OSSL_|ERR_SSL_|ERR_TLS_|HOSTNAME_MISMATCH$|INVALID_|SELF_SIGNED_|UNABLE_TO_|UND_ERR_PRX_TLS$)/

/** Whether both sides could not agree on TLS, or the certificate does not prove who answers. */
export function isTlsError(error: unknown): boolean {
  return tlsCodes.test(errorCode(error) ?? '')
}

/** Whether a proxy on the way did not let the request through. */
export function isRefusedByProxy(error: unknown): error is Error {
  return error instanceof Error && /^Proxy (?:response|Authentication)/.test(error.message)
}

function networkReason(error: unknown): string {
  if (isRefusedByProxy(error)) return `the proxy refused (${/\d{3}/.exec(error.message)?.[0]})`
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
