import type { Dispatcher } from 'undici'
import { limitOf, readRedirect, unreadable } from './answer.ts'
import {
  addressHint,
  callError,
  connectionError,
  errorCode,
  isRefusedByProxy,
  isTlsError,
  unknownOutcome,
  type Call,
} from './call.ts'
import { decode } from './decode.ts'
import { exchange, type Exchange, type ExchangeRequest, type FailedExchange } from './exchange.ts'
import type { Limit, sleep } from './limit.ts'
import { retryAfterMs, waitMs } from './wait.ts'

const retriedStatuses = [408, 429, 502, 503]

/** What all attempts of all calls share. */
export interface AttemptsContext {
  dispatcher: Dispatcher
  limit: Limit
  sleep: typeof sleep
  random: () => number
}

/** The last answer of a call, and whether an attempt before it may have acted. */
export interface FinalAnswer {
  answer: Exchange
  repeated: boolean
}

/**
 * Sends a request until it has an answer that another attempt would not change, its attempts are used
 * up, or there is no time for another one. `repeatable` tells whether it may reach the server twice.
 */
export async function attempt(
  call: Call,
  repeatable: boolean,
  request: ExchangeRequest,
  context: AttemptsContext,
): Promise<FinalAnswer> {
  const { limit } = context
  const { maxRetries, retryJitterFactor } = call.settings
  let attempts = 0
  let repeated = false
  for (;;) {
    const outcome = await follow(call, request, context)
    const failed = 'error' in outcome
    const maintenance = !failed && outcome.headers['prefect-maintenance'] === 'true'
    if (!maintenance) attempts += 1
    const askedMs = failed ? undefined : retryAfterMs(outcome.headers, Date.now())
    const retried = failed
      ? !limit.signal.aborted && isPassing(outcome.error) && (repeatable || !outcome.sent)
      : isRetried(call, repeatable, outcome, maintenance || askedMs !== undefined)
    const wait =
      retried && attempts <= maxRetries
        ? waitMs({
            attempts,
            askedMs,
            unreached: failed && !outcome.sent,
            jitterFactor: retryJitterFactor,
            random: context.random(),
            leftMs: limit.leftMs(),
          })
        : undefined
    if (wait === undefined) {
      if (!failed) return { answer: outcome, repeated }
      throw failureOf(call, repeatable, outcome, limit.signal)
    }
    // 429 says that it did not act; after anything else it may have.
    if (failed ? outcome.sent : outcome.status !== 429) repeated = true
    await context.sleep(wait, limit.signal)
  }
}

/** One attempt: follows 307 and 308 as far as they stay on the server. */
async function follow(
  call: Call,
  request: ExchangeRequest,
  { dispatcher, limit }: AttemptsContext,
): Promise<Exchange | FailedExchange> {
  let { path } = request
  for (let redirects = 0; ; redirects += 1) {
    const received = await exchange(dispatcher, { ...request, path }, limit.signal, limitOf)
    if ('error' in received) return received
    const location = readRedirect(received, call, request.origin + path, redirects)
    if (location === undefined) {
      const answer = await decode(received, limitOf(200))
      if (answer === undefined) throw unreadable(received, call)
      return answer
    }
    path = location
  }
}

function isRetried(
  call: Call,
  repeatable: boolean,
  { status, body }: Exchange,
  announced: boolean,
): boolean {
  const known = retriedStatuses.includes(status) || call.settings.retryExtraCodes.includes(status)
  if (!known || repeatable || status === 429) return known
  // Any other 503 may stand for a lost reply, as a proxy's does.
  return status === 503 && (announced || body.equals(rolledBack))
}

/** What Prefect's server answers when its database was busy and it took everything back. */
const rolledBack = Buffer.from('{"exception_message":"Service Unavailable"}')

/** Whether the network failed, which may pass, rather than TLS, the request, or the server's HTTP. */
function isPassing(error: unknown): boolean {
  if (isTlsError(error) || isParserError(error) || isRefusedByProxy(error)) return false
  return !['UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'].includes(
    errorCode(error) ?? '',
  )
}

function failureOf(
  call: Call,
  repeatable: boolean,
  { error, sent }: FailedExchange,
  signal: AbortSignal,
): unknown {
  const timedOut = signal.aborted && error === signal.reason && isTimeout(error)
  if (signal.aborted && !timedOut) return signal.reason
  if (isParserError(error)) {
    // Not as the cause: it holds a piece of the answer, which may repeat what was sent.
    const problem = `what answered does not speak HTTP. ${addressHint(call.settings)}`
    return callError(call, 'INVALID_RESPONSE', problem)
  }
  const code = errorCode(error)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return callError(call, 'INVALID_REQUEST', 'the client is closed', { cause: error })
  }
  if (code === 'UND_ERR_INVALID_ARG' && !isRefusedByProxy(error)) {
    return callError(call, 'INVALID_REQUEST', 'no valid HTTP request', { cause: error })
  }
  if (sent && !repeatable) return unknownOutcome(call, error)
  return timedOut ? error : connectionError(call, error)
}

function isTimeout(error: unknown): boolean {
  return errorCode(error) === 'TIMEOUT'
}

function isParserError(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError'
}
