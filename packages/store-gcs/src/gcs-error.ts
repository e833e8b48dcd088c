import { StoreError } from '@prefect-ts/store'
import type { StoreErrorCode } from '@prefect-ts/store'
import { oneLine } from '@prefect-ts/store/adapter'

/** What of an answer an error is made of. */
export interface FailedReply {
  readonly status: number
  readonly text: string
}

/** Whether the same request may succeed when it is sent again. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** The error for an answer that is none of those expected, with the server's own words cut to a line. */
export function gcsError(reply: FailedReply, what: string, key?: string): StoreError {
  const said = serverMessage(reply.text)
  const message = `${what} (HTTP ${reply.status}${said === '' ? '' : `: ${said}`})`
  return new StoreError(message, { code: codeOf(reply.status), key })
}

/** Whether a 404 is about the bucket, not about an object in it. */
export function isBucketMissing(reply: FailedReply): boolean {
  return reply.status === 404 && /bucket (does not|doesn't) exist|no such bucket/i.test(reply.text)
}

function codeOf(status: number): StoreErrorCode {
  if (status === 401 || status === 403) return 'ACCESS_DENIED'
  if (status === 404) return 'NOT_FOUND'
  if (status === 412) return 'PRECONDITION_FAILED'
  if (status === 400 || status === 413 || status === 414) return 'INVALID_ARGUMENT'
  return isTransient(status) ? 'UNAVAILABLE' : 'IO_ERROR'
}

/** The message in Google's JSON error, or the start of whatever came instead. */
function serverMessage(text: string): string {
  let message: unknown = text
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) {
      const { error } = parsed
      if (typeof error === 'object' && error !== null && 'message' in error) message = error.message
    }
  } catch {
    // Not JSON: a proxy's page, for example.
  }
  return oneLine(String(message))
}
