/** What the flow is told about a failure. */
export interface JobFailure {
  code: string
  /** One line: what, where from, what to do. */
  message: string
  /** Whether the same run may succeed when it is tried again. */
  retryable: boolean
}

/** Exit codes of a job. Beyond 1 they are those of BSD's sysexits.h. */
export const exitCodes = {
  done: 0,
  /** A bug, or anything else: an error that does not say of which kind it is. */
  bug: 1,
  /** EX_USAGE: params, settings or a block that cannot be used. */
  badInput: 64,
  /** EX_NOINPUT: a dataset, object, file or block is not there. */
  missingData: 66,
  /** EX_UNAVAILABLE: a server or network that may be back later. */
  unavailable: 69,
} as const

const maxMessageLength = 2_000

/** Codes of Node and undici for a network or server that may be back later. */
const networkCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT))$/
const missingCodes = /(^|_)NOT_FOUND$|^ENOENT$|^MISSING_/
const inputCodes =
  /^(INVALID(?!_RESULT)|UNKNOWN|UNSUPPORTED|NO_API_URL|UNAUTHORIZED|FORBIDDEN|ACCESS_DENIED|NOT_A_FILE|OBFUSCATED|CHECK_FAILED)/

/**
 * The failure that an error stands for: its own code, its message as one bounded line with secrets masked by `mask`,
 * and whether to try again: what the error itself says (`retryable`), else true for a failed network or server
 * (by `code`, also of a cause), else false.
 */
export function describeFailure(error: unknown, mask: (text: string) => string): JobFailure {
  const text = error instanceof Error ? error.message || error.name : String(error)
  const line = mask(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
  const code = codeOf(error)
  return {
    code: code ?? 'JOB_FAILED',
    message: line.slice(0, maxMessageLength).toWellFormed() || 'The job failed without a message.',
    retryable: isRetryable(error),
  }
}

/** The exit code of a job that failed so. */
export function exitCodeOf(error: unknown): number {
  if (isRetryable(error)) return exitCodes.unavailable
  const code = codeOf(error) ?? ''
  if (missingCodes.test(code)) return exitCodes.missingData
  return inputCodes.test(code) ? exitCodes.badInput : exitCodes.bug
}

function isRetryable(error: unknown): boolean {
  for (let depth = 0, at = error; depth < 10 && at instanceof Error; depth += 1, at = at.cause) {
    if ('retryable' in at && typeof at.retryable === 'boolean') return at.retryable
    if (networkCodes.test(codeOf(at) ?? '')) return true
  }
  return false
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
