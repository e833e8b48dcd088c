import { StoreError } from '@prefect-ts/store'
import type { StoreErrorCode } from '@prefect-ts/store'
import { connectionErrors, fieldOf, oneLine } from '@prefect-ts/store/adapter'

/** What is read of an error of Azure's SDK; the rest of it may hold the request with its signature. */
export interface AzureFailure {
  /** HTTP status, or undefined when no answer came. */
  readonly status: number | undefined
  /** Azure's own code, such as `BlobNotFound`, or that of the connection. */
  readonly code: string | undefined
  /** The first line of the message. */
  readonly reason: string
}

// How @azure/identity calls its errors, whose status is that of Microsoft Entra and not of the account.
const identityErrors: ReadonlySet<string> = new Set([
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
])
const entraUnavailable = 'EntraUnavailable'
const unavailablePattern =
  /\b(?:\w+_resolution_error|network_error|no_network\w+|Status code: (?:429|5\d\d))\b/

/** Reads an error that the SDK threw. */
export function failureOf(error: unknown): AzureFailure {
  if (error instanceof Error && identityErrors.has(error.name)) return identityFailure(error)
  const status = fieldOf(error, 'statusCode')
  const code = textOf(fieldOf(error, 'code'))
  const message = error instanceof Error ? error.message : String(error)
  // How the SDK says that the connection broke off, before an answer and in the middle of its text.
  const isBroken =
    (error instanceof Error && error.name === 'AbortError') ||
    message === 'Error reading response as text: aborted'
  const skew = status === 403 ? clockSkew(error) : undefined
  return {
    status: typeof status === 'number' ? status : undefined,
    code: isBroken ? 'ECONNRESET' : (code ?? headerCode(error)),
    // Signatures of shared access stand in the query.
    reason: skew ?? oneLine((message.split('\n')[0] ?? '').replace(/\?\S*sig=\S*/g, '?…')),
  }
}

/** Of Microsoft Entra's answer the lines after the first say what it is about. */
function identityFailure({ name, message }: Error): AzureFailure {
  const lines = message.split('\n').filter((line) => !/^\s*(?:More details:)?\s*$/.test(line))
  const code = unavailablePattern.test(message) ? entraUnavailable : name
  const reason = oneLine(`no token of Microsoft Entra: ${lines.slice(0, 2).join('. ')}`)
  return { status: undefined, code, reason }
}

/** Azure's code in the header of an answer: that to a HEAD has no other place for it. */
function headerCode(error: unknown): string | undefined {
  return headerOf(error, 'x-ms-error-code')
}

/** What is wrong with the clock: Azure takes no request signed a quarter of an hour before or after, and tells only of a signature. */
function clockSkew(error: unknown): string | undefined {
  const minutes = Math.round((Date.now() - Date.parse(headerOf(error, 'date') ?? '')) / 60_000)
  if (!(Math.abs(minutes) >= 15)) return undefined
  return `this machine's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} the server's`
}

function headerOf(error: unknown, name: string): string | undefined {
  const headers = fieldOf(fieldOf(error, 'response'), 'headers')
  const get = fieldOf(headers, 'get')
  return typeof get === 'function' ? textOf(get.call(headers, name)) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? oneLine(value) : undefined
}

/** Whether a 404 is about the container, not about a blob in it. */
export function isContainerMissing({ status, code }: AzureFailure): boolean {
  return status === 404 && code === 'ContainerNotFound'
}

/** Whether there is no such blob. */
export function isBlobMissing(failure: AzureFailure): boolean {
  return failure.status === 404 && !isContainerMissing(failure)
}

/** The error for a failure: our own message, without the SDK's error, which holds the request. */
export function azureError(failure: AzureFailure, what: string, key?: string): StoreError {
  const { status, code, reason } = failure
  const where = [status === undefined ? undefined : `HTTP ${status}`, code].filter(Boolean)
  const message = `${what}: ${reason}${where.length === 0 ? '' : ` (${where.join(', ')})`}`
  return new StoreError(message, { code: codeOf(failure), key })
}

function codeOf({ status, code }: AzureFailure): StoreErrorCode {
  if (status === 401 || status === 403) return 'ACCESS_DENIED'
  if (status === 404) return 'NOT_FOUND'
  if (status === 409 && code === 'BlobAlreadyExists') return 'ALREADY_EXISTS'
  if (status === 412) return 'PRECONDITION_FAILED'
  if (status === 400 && (code === 'Md5Mismatch' || code === 'InvalidBlockList'))
    return 'UNAVAILABLE'
  if (status === 400 || status === 413) return 'INVALID_ARGUMENT'
  if (status === 408 || status === 429 || (status !== undefined && status >= 500))
    return 'UNAVAILABLE'
  if (status === undefined && code !== undefined && isConnection(code)) return 'UNAVAILABLE'
  if (status === undefined && code !== undefined && identityErrors.has(code)) return 'ACCESS_DENIED'
  // The connection's look-up has refused the host.
  if (status === undefined && code === 'INVALID_CONFIG') return code
  return 'IO_ERROR'
}

function isConnection(code: string): boolean {
  return code === 'REQUEST_SEND_ERROR' || code === entraUnavailable || connectionErrors.has(code)
}
