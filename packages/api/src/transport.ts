import type { Dispatcher } from 'undici'
import { readAnswer, readJson } from './answer.ts'
import { attempt, type AttemptsContext, type FinalAnswer } from './attempts.ts'
import { callError, type Call } from './call.ts'
import { createCsrf, isTokenRefused } from './csrf.ts'
import { openDispatcher } from './dispatcher.ts'
import type { ExchangeRequest } from './exchange.ts'
import { headersOf } from './headers.ts'
import { sleep, startLimit } from './limit.ts'
import { isRepeatable, settleRepeated, withTransitionId } from './repeat.ts'
import { fillPath, formatQuery } from './request-target.ts'
import type { Settings } from './settings.ts'

/** What the calls of a client go through. */
export interface TransportOptions {
  settings: Settings
  /** Process variables, of which the proxy ones are read. */
  env: NodeJS.ProcessEnv
  /** Carries every call instead of connections of our own; stays open. */
  dispatcher?: Dispatcher | undefined
  /** For tests: waits between attempts. */
  sleep?: typeof sleep | undefined
  /** For tests: the jitter, from 0 up to 1. */
  random?: (() => number) | undefined
}

/** One call, untyped. */
export interface TransportRequest {
  method: string
  /** Path as the API's document has it. */
  template: string
  path?: Readonly<Record<string, unknown>> | undefined
  query?: Readonly<Record<string, unknown>> | undefined
  body?: unknown
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
}

/** The one path of every call. */
export interface Transport {
  send(request: TransportRequest): Promise<unknown>
  close(): Promise<void>
}

/** A transport that has sent nothing yet; throws `ApiError` when the settings cannot be used. */
export function createTransport(options: TransportOptions): Transport {
  const { settings } = options
  const { origin, pathname } = new URL(settings.apiUrl)
  const basePath = pathname.replace(/\/$/, '')
  const headers = headersOf(settings)
  const headersWithBody = { 'content-type': 'application/json', ...headers }
  const isCloud = settings.apiUrl.startsWith(settings.cloudApiUrl)
  const csrf = settings.csrfSupportEnabled && !isCloud ? createCsrf() : undefined
  const underWay = new Set<Promise<unknown>>()
  let own: Promise<Dispatcher> | undefined
  let closed = false

  function getDispatcher(): Promise<Dispatcher> {
    own ??= openDispatcher(settings, options.env)
    // A certificate file that could not be read may be there at the next call.
    own.catch(() => (own = undefined))
    return own
  }

  async function run(request: TransportRequest): Promise<unknown> {
    const { method, template, query } = request
    const path = fillPath(template, request.path)
    const content = withTransitionId(template, request.body)
    const call: Call = { method, template, path, body: content, settings }
    if (closed) throw callError(call, 'INVALID_REQUEST', 'the client is closed')
    const body = encodeBody(call)
    const repeatable = isRepeatable(method, template, content)
    const limit = startLimit(call, request.timeoutMs ?? settings.requestTimeoutMs, request.signal)
    try {
      const context: AttemptsContext = {
        dispatcher: options.dispatcher ?? (await getDispatcher()),
        limit,
        sleep: options.sleep ?? sleep,
        random: options.random ?? Math.random,
      }
      const wire = {
        origin,
        path: basePath + path + formatQuery(query),
        method,
        headers: body === undefined ? headers : headersWithBody,
        body,
      }
      const final =
        csrf === undefined || method === 'GET'
          ? await attempt(call, repeatable, wire, context)
          : await attemptProtected(call, repeatable, wire, context)
      if (final.repeated) {
        const json = readJson(final.answer)
        const settled = settleRepeated(call, { status: final.answer.status, json })
        if (settled !== undefined) return settled.json
      }
      return readAnswer(final.answer, call)
    } finally {
      limit.end()
    }
  }

  /** Once again at once with a new CSRF token when the server refuses the call for it. */
  async function attemptProtected(
    call: Call,
    repeatable: boolean,
    wire: ExchangeRequest,
    context: AttemptsContext,
  ): Promise<FinalAnswer> {
    let repeated = false
    for (let renewed = false; ; renewed = true) {
      const token = csrf?.headers() ?? {}
      const request = { ...wire, headers: { ...wire.headers, ...token } }
      const final = await attempt(call, repeatable, request, context)
      repeated ||= final.repeated
      const { status, body } = final.answer
      if (csrf === undefined || renewed || !isTokenRefused(status, body)) {
        return { ...final, repeated }
      }
      const fetchToken = (clientId: string): Promise<string | undefined> =>
        askToken(call, clientId, context)
      if (!(await csrf.renew(token, context.limit.signal, fetchToken))) return final
    }
  }

  /** Errors name the call that needs the token. */
  async function askToken(
    call: Call,
    clientId: string,
    context: AttemptsContext,
  ): Promise<string | undefined> {
    const path = `${basePath}/csrf-token${formatQuery({ client: clientId })}`
    const wire = { origin, path, method: 'GET', headers, body: undefined }
    const { answer } = await attempt(call, true, wire, context)
    if (answer.status === 404 || answer.status === 422) return undefined
    const json = readAnswer(answer, call)
    const token = (json as { token?: unknown } | undefined)?.token
    if (typeof token !== 'string' || !/^[\u0021-\u007e]+$/.test(token)) {
      throw callError(call, 'INVALID_RESPONSE', 'GET /csrf-token answered without a token')
    }
    return token
  }

  return {
    async send(request) {
      const answer = run(request)
      underWay.add(answer)
      try {
        return await answer
      } finally {
        underWay.delete(answer)
      }
    },
    async close() {
      closed = true
      await Promise.allSettled(underWay)
      await (await own)?.destroy()
    },
  }
}

function encodeBody(call: Call): string | undefined {
  try {
    return JSON.stringify(call.body)
  } catch (error) {
    // The message of a TypeError on a cycle names keys; no value is in it.
    throw callError(call, 'INVALID_REQUEST', 'the body cannot be written as JSON', { cause: error })
  }
}
