import { StoreError } from '@prefect-ts/store'
import type { StoreErrorCode } from '@prefect-ts/store'
import { connectionErrors } from '@prefect-ts/store/adapter'

/** What is read of an error of Azure's SDK; the rest of it may hold the request with its signature. */
export interface AzureFailure {
  /** HTTP status, or undefined when no answer came. */
  readonly status: number | undefined
  /** Azure's own code, such as `BlobNotFound`, or that of the connection. */
  readonly code: string | undefined
  /** The first line of the message. */
  readonly reason: string
}

/** Reads an error that the SDK threw. */
export function failureOf(error: unknown): AzureFailure {
  const status = fieldOf(error, 'statusCode')
  const code = textOf(fieldOf(error, 'code'))
  const message = error instanceof Error ? error.message : String(error)
  // How the SDK says that the connection broke off.
  const isBroken = error instanceof Error && error.name === 'AbortError'
  return {
    status: typeof status === 'number' ? status : undefined,
    code: code ?? (isBroken ? 'ECONNRESET' : headerCode(error)),
    // Signatures of shared access stand in the query.
    reason: (message.split('\n')[0] ?? '').replace(/\?\S*sig=\S*/g, '?…').slice(0, 300),
  }
}

/** Azure's code in the header of an answer: that to a HEAD has no other place for it. */
function headerCode(error: unknown): string | undefined {
  const headers = fieldOf(fieldOf(error, 'response'), 'headers')
  const get = fieldOf(headers, 'get')
  return typeof get === 'function' ? textOf(get.call(headers, 'x-ms-error-code')) : undefined
}

/** A field that may be inherited or hidden from enumeration. */
function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
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
  if (status === undefined && code === 'CredentialUnavailableError') return 'ACCESS_DENIED'
  return 'IO_ERROR'
}

function isConnection(code: string): boolean {
  return code === 'REQUEST_SEND_ERROR' || connectionErrors.has(code)
}
