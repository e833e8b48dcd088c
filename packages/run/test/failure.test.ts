import { ApiError } from '@prefect-ts/api'
import { expect, it } from 'vitest'
import { describeFailure, exitCodeOf } from '../src/failure.ts'
import { RunError } from '../src/errors.ts'

const plain = (text: string): string => text
const withCode = (code: string, cause?: unknown): Error =>
  Object.assign(new Error('x', { cause }), { code })

it.each([
  [new Error('bug'), 1, false],
  ['text', 1, false],
  [undefined, 1, false],
  [new RunError('INVALID_PARAMS', 'x'), 64, false],
  [new RunError('INVALID_RESULT', 'x'), 1, false],
  [withCode('INVALID_NAME'), 64, false],
  [withCode('NOT_FOUND'), 66, false],
  [withCode('BLOCK_NOT_FOUND'), 66, false],
  [withCode('ENOENT'), 66, false],
  [new ApiError('x', { code: 'UNAVAILABLE' }), 69, true],
  [new ApiError('x', { code: 'UNAUTHORIZED' }), 64, false],
  [withCode('ECONNREFUSED'), 69, true],
  [new TypeError('fetch failed', { cause: withCode('UND_ERR_SOCKET') }), 69, true],
  [Object.assign(new Error('x'), { retryable: true }), 69, true],
  // What the error itself says wins over what its cause looks like.
  [Object.assign(withCode('X', withCode('ECONNRESET')), { retryable: false }), 1, false],
])('%o ends with exit code %i, retryable %s', (error, exitCode, retryable) => {
  expect(exitCodeOf(error)).toBe(exitCode)
  expect(describeFailure(error, plain).retryable).toBe(retryable)
})

it('is one bounded line, never empty', () => {
  expect(describeFailure(new Error('a\n  b'), plain).message).toBe('a b')
  expect(describeFailure(new Error('x'.repeat(9_999)), plain).message).toHaveLength(2_000)
  expect(describeFailure(new Error(''), plain).message).toBe('Error')
  expect(describeFailure('', plain).message).not.toBe('')
})
