import { quoteKey, StoreError } from '@prefect-ts/store'
import type { StoreErrorCode } from '@prefect-ts/store'
import { oneLine } from '@prefect-ts/store/adapter'

/** What an error was about. */
export interface Failed {
  /** What could not be done, as in "Cannot read". */
  readonly verb: string
  readonly url: string
  readonly key?: string | undefined
  /** For writes: what a refused condition means, and what it means when nobody knows whether the write was done. */
  readonly write?: { readonly ifAbsent: boolean; readonly ifMatch: string | undefined } | undefined
}

/** What of an SDK error is looked at. Everything else of it, request headers above all, stays where it is. */
interface SdkError {
  readonly name: string
  readonly message: string
  readonly code: string
  readonly status: number
  readonly requestId: string
}

const byName: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  NoSuchBucket: ['NOT_FOUND', 'the bucket does not exist'],
  AccessDenied: ['ACCESS_DENIED', 'access denied'],
  InvalidAccessKeyId: ['ACCESS_DENIED', 'the access key id is not known'],
  SignatureDoesNotMatch: ['ACCESS_DENIED', 'the secret key is wrong'],
  ExpiredToken: ['ACCESS_DENIED', 'the credentials have expired'],
  RequestTimeTooSkewed: ['ACCESS_DENIED', "this machine's clock is wrong"],
  CredentialsProviderError: ['ACCESS_DENIED', 'no credentials were found'],
  XAmzContentSHA256Mismatch: ['UNAVAILABLE', 'the content was damaged on its way'],
  BadDigest: ['UNAVAILABLE', 'the content was damaged on its way'],
  KeyTooLongError: ['INVALID_KEY', 'the key is too long'],
  EntityTooLarge: ['NO_SPACE', 'the object is larger than the backend takes'],
  QuotaExceeded: ['NO_SPACE', 'the quota is used up'],
  XMinioStorageFull: ['NO_SPACE', 'the backend is full'],
  InvalidPart: ['IO_ERROR', 'the backend does not hold a part that was sent'],
  EntityTooSmall: ['IO_ERROR', 'the backend wants larger parts'],
  NotImplemented: ['UNSUPPORTED', 'the backend does not support it'],
  PermanentRedirect: ['INVALID_CONFIG', 'the bucket is in another region'],
  AuthorizationHeaderMalformed: ['INVALID_CONFIG', 'the bucket is in another region'],
  SlowDown: ['UNAVAILABLE', 'the backend is overloaded'],
  ServiceUnavailable: ['UNAVAILABLE', 'the backend is overloaded'],
}
// Nothing of the request can have reached the backend.
const notSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** An error of the SDK, of the connection or of this package as a `StoreError`. */
export function s3Error(error: unknown, failed: Failed): StoreError {
  if (error instanceof StoreError) return error
  const { verb, url, key } = failed
  const seen = inspect(error)
  const [code, reason] = judge(seen, failed)
  const subject = key === undefined ? url : `${quoteKey(key)} in ${url}`
  const details = [
    seen.name === 'Error' ? seen.code : seen.name,
    seen.status === 0 ? '' : `HTTP ${seen.status}`,
    seen.requestId === '' ? '' : `request ${seen.requestId}`,
  ].filter((text) => text !== '')
  const message = `Cannot ${verb} ${subject}: ${reason}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
  return new StoreError(message, { code, key, cause: plainCause(seen) })
}

/** The error for an answer under a good status that does not say what it must say when all went well. */
export function unclearAnswer(missing: string): Error {
  const error = new Error(`it has no ${missing}`)
  return Object.assign(error, { name: 'UnclearAnswer', $metadata: { httpStatusCode: 200 } })
}

/** The name of an SDK error; empty for anything else. */
export function errorName(error: unknown): string {
  return inspect(error).name
}

/** The HTTP status that an SDK error came with; 0 for none. */
export function errorStatus(error: unknown): number {
  return inspect(error).status
}

function judge(seen: SdkError, { write }: Failed): readonly [StoreErrorCode, string] {
  const { name, status, code, message } = seen
  // The SDK gives an error document under a good status the status 503, whatever it says.
  if (status === 412 || name === 'PreconditionFailed') {
    return write?.ifAbsent === true
      ? ['ALREADY_EXISTS', 'it exists already']
      : ['PRECONDITION_FAILED', 'it is not the version asked for']
  }
  // A condition on an object that is not there.
  if (write?.ifMatch !== undefined && name === 'NoSuchKey') {
    return ['PRECONDITION_FAILED', 'there is no such object']
  }
  const isConditional = write !== undefined && (write.ifAbsent || write.ifMatch !== undefined)
  const lost: StoreErrorCode = isConditional ? 'OUTCOME_UNKNOWN' : 'UNAVAILABLE'
  const known = byName[name]
  if (known !== undefined) return known
  if (status === 403 || status === 401) return ['ACCESS_DENIED', 'access denied']
  if (status === 404) return ['NOT_FOUND', message]
  if (status === 409) return ['UNAVAILABLE', 'another write of it is under way']
  if (name === 'InternalError') return [lost, 'the backend failed']
  if (status === 429 || status === 503) return ['UNAVAILABLE', 'the backend is overloaded']
  if (status === 507) return ['NO_SPACE', 'the backend is full']
  if (status === 501) return ['UNSUPPORTED', 'the backend does not support it']
  if (status >= 500) return [lost, `the backend failed: ${message}`]
  if (status >= 200 && status < 300) {
    return [lost, `the answer is not understood: ${message}`]
  }
  if (name === 'TimeoutError') return ['STALLED', message]
  if (notSent.includes(code)) {
    return ['UNAVAILABLE', `the backend can not be reached: ${message}`]
  }
  if (code !== '') return [lost, `the connection broke: ${message}`]
  return ['IO_ERROR', message]
}

function inspect(error: unknown): SdkError {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: plain(String(error)), code: '', status: 0, requestId: '' }
  }
  const { name } = error
  // Of several addresses each has its own error, and the whole no message.
  const [first]: unknown[] = error instanceof AggregateError ? error.errors : []
  const message = plain(error.message || (first instanceof Error ? first.message : ''))
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  const field = (key: string): unknown =>
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, key) : undefined
  const system: unknown = 'code' in error ? error.code : undefined
  return {
    name: oneLine(name),
    message,
    code: typeof system === 'string' && /^E[A-Z_]+$/.test(system) ? system : '',
    status: Number(field('httpStatusCode') ?? 0),
    requestId: typeof field('requestId') === 'string' ? String(field('requestId')) : '',
  }
}

function plainCause({ name, message, code }: SdkError): Error {
  const cause = new Error(message)
  cause.name = name
  delete cause.stack
  return code === '' ? cause : Object.assign(cause, { code })
}

/** The SDK tells where it hides the answer, which we leave behind. */
function plain(text: string): string {
  return oneLine(text.replace(/Deserialization error: to see the raw response.*/s, ''))
}
