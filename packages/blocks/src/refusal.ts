import { isApiError } from '@prefect-ts/api'
import { BlockError } from './errors.ts'

/**
 * The error for something that the server would not do: a `BlockError` `REJECTED` with its words when
 * it found fault with what was asked, else the error itself.
 */
export function refusal(error: unknown, problem: string, block: string): unknown {
  if (!isApiError(error, 'INVALID_REQUEST', 'CONFLICT')) return error
  const reason = error.detail ?? `HTTP status ${error.status}`
  return new BlockError(`${problem}: the server refused it. ${reason}`, {
    code: 'REJECTED',
    block,
    cause: error,
  })
}
