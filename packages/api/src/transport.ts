import type { Dispatcher } from 'undici'
import { limitOf, readAnswer } from './answer.ts'
import { addressHint, callError, connectionError, errorCode, type Call } from './call.ts'
import { exchange, type Exchange, type ExchangeRequest } from './exchange.ts'

const maxAttempts = 4
const firstWaitMs = 250
const brokenCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']

/** What one call needs beside its wording. */
export interface SendOptions {
  getDispatcher: () => Promise<Dispatcher>
  request: Omit<ExchangeRequest, 'signal'>
  signal: AbortSignal | undefined
  timeoutMs: number
}

/** The one path of every call: limit, abort, attempts, answer. */
export async function send(call: Call, options: SendOptions): Promise<unknown> {
  const { signal } = options
  // A longer timer would overflow and fire at once.
  const timeoutMs = Math.min(options.timeoutMs, 2 ** 31 - 1)
  signal?.throwIfAborted()
  const ended = new AbortController()
  const deadline = performance.now() + timeoutMs
  const onAbort = (): void => ended.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => {
    const problem = `no complete answer within ${timeoutMs} ms. Raise timeoutMs or PREFECT_API_REQUEST_TIMEOUT if the server needs longer`
    ended.abort(callError(call, 'TIMEOUT', problem))
  }, timeoutMs)
  try {
    const dispatcher = await options.getDispatcher()
    for (let attempt = 1; ; attempt++) {
      const outcome = await tryOnce(dispatcher, { ...options.request, signal: ended.signal })
      const wait = attempt < maxAttempts ? waitBefore(attempt, call.method, outcome) : undefined
      if (wait === undefined || performance.now() + wait >= deadline) {
        if ('error' in outcome) throw toApiError(call, outcome.error, ended.signal)
        return readAnswer(outcome, call)
      }
      await sleep(wait, ended.signal)
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

type Outcome = Exchange | { error: unknown }

async function tryOnce(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Outcome> {
  try {
    return await exchange(dispatcher, request, limitOf)
  } catch (error) {
    if (request.signal.aborted) throw error
    return { error }
  }
}

/**
 * Milliseconds until another attempt, or `undefined` for none. Only a GET is repeated by itself;
 * another call only when the server said, by 429 or 503 with `Retry-After`, that it did not act.
 */
function waitBefore(attempt: number, method: string, outcome: Outcome): number | undefined {
  const backoff = firstWaitMs * 2 ** (attempt - 1) * (1 + Math.random() / 5)
  if ('error' in outcome) {
    const broken = brokenCodes.includes(errorCode(outcome.error) ?? '')
    return method === 'GET' && broken ? backoff : undefined
  }
  const { status, headers } = outcome
  const asked = retryAfterMs(headers['retry-after'])
  if (asked !== undefined && (status === 429 || status === 503))
    return asked * (1 + Math.random() / 5)
  return method === 'GET' && [408, 429, 502, 503, 504].includes(status) ? backoff : undefined
}

/** Seconds or an HTTP date. */
function retryAfterMs(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const milliseconds = Number.isNaN(Number(value))
    ? Date.parse(value) - Date.now()
    : Number(value) * 1000
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined
}

function toApiError(call: Call, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const code = errorCode(error) ?? ''
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    const problem =
      code === 'UND_ERR_INVALID_ARG' ? 'no valid HTTP request' : 'the client is closed'
    return callError(call, 'INVALID_REQUEST', problem, { cause: error })
  }
  if (error instanceof Error && error.name === 'HTTPParserError') {
    // Not as the cause: it holds a piece of the answer, which may repeat what was sent.
    const problem = `what answered does not speak HTTP. ${addressHint(call.settings)}`
    return callError(call, 'INVALID_RESPONSE', problem)
  }
  return connectionError(call, error)
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}
