import { addressHint, callError, credentialsHint, type Call } from './call.ts'
import type { ApiError, ApiErrorCode } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { maskEcho, maskSecrets } from './secret.ts'
import { retryAfterMs } from './wait.ts'

const errorBodyLimit = 64 * 1024
const answerLimit = 64 * 1024 * 1024
const detailLimit = 1000
const maxRedirects = 5

/** How many bytes of an answer are read. */
export function limitOf(status: number): number {
  return isSuccess(status) ? answerLimit : errorBodyLimit
}

/** The parsed JSON of a 2xx answer, `undefined` for one without content; throws `ApiError` for all else. */
export function readAnswer(answer: Exchange, call: Call): unknown {
  const { status } = answer
  if (!isSuccess(status)) throw failure(answer, call)
  if (status === 204 || status === 205) return undefined
  if (answer.truncated) {
    throw invalidResponse(answer, call, `answered with more than ${answerLimit} bytes`)
  }
  const text = answer.body.toString('utf8')
  if (isHtml(answer, text)) throw htmlResponse(answer, call, text)
  const json = parseJson(text)
  if (json === undefined) {
    const what = text === '' ? 'an empty body' : 'a body that is not JSON'
    throw invalidResponse(answer, call, `answered with ${what}. ${addressHint(call.settings)}`)
  }
  return json
}

/** The answer's JSON, `undefined` when it has none. */
export function readJson(answer: Exchange): unknown {
  return parseJson(answer.body.toString('utf8'))
}

/** The error of an answer whose body cannot be unpacked. */
export function unreadable(answer: Exchange, call: Call): ApiError {
  const problem = `answered with a body that is not what its Content-Encoding says. ${addressHint(call.settings)}`
  return invalidResponse(answer, call, problem)
}

/**
 * Path and query that a 307 or 308 leads to. Throws for every redirect that leaves the server, which
 * would take body and credentials along, and for one that may change the method.
 */
export function readRedirect(
  answer: Exchange,
  call: Call,
  from: string,
  redirects: number,
): string | undefined {
  const { status, headers } = answer
  if (![301, 302, 303, 307, 308].includes(status)) return undefined
  const given = headers['location']
  const url = typeof given === 'string' ? URL.parse(given, from) : null
  const to = url === null ? 'an address that is not a URL' : url.origin + url.pathname
  const own = url?.origin === new URL(from).origin && url.username + url.password === ''
  if (url === null || !own || (status !== 307 && status !== 308)) {
    throw invalidResponse(answer, call, `redirected to ${to}. ${addressHint(call.settings)}`)
  }
  if (redirects >= maxRedirects) {
    throw invalidResponse(answer, call, `redirected more than ${maxRedirects} times, last to ${to}`)
  }
  return url.pathname + url.search
}

function failure(answer: Exchange, call: Call): ApiError {
  const { status } = answer
  const text = answer.body.toString('utf8')
  const code = codeOf(status)
  const html = isHtml(answer, text)
  // These a proxy or login page may answer for a Prefect server; any other page is not from one.
  if (html && !['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE'].includes(code)) {
    return htmlResponse(answer, call, text)
  }
  const json = html ? undefined : parseJson(text)
  const said = html ? htmlTitle(text) : explanationIn(json)
  const detail = said === undefined ? undefined : harmless(said, call)
  const problem = detail === undefined ? `status ${status}` : `status ${status}: ${detail}`

  // Starlette's answer for a route that does not exist; Prefect's own 404s say what was not found.
  const noRoute = status === 404 && detail === 'Not Found'
  if (noRoute && !/\/api$|\/workspaces\/[^/]+$/.test(call.settings.apiUrl)) {
    return invalidResponse(answer, call, `${problem}. ${addressHint(call.settings)}`)
  }
  const hint = status === 401 || status === 403 ? `. ${credentialsHint(call.settings)}` : ''
  return callError(call, code, problem + hint, {
    status,
    detail,
    retryAfterMs: retryAfterMs(answer.headers, Date.now()),
    requestId: requestIdOf(answer, call),
  })
}

function codeOf(status: number): ApiErrorCode {
  switch (status) {
    case 401:
      return 'UNAUTHORIZED'
    case 403:
      return 'FORBIDDEN'
    case 404:
      return 'NOT_FOUND'
    case 409:
      return 'CONFLICT'
    case 429:
      return 'RATE_LIMITED'
    case 408:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE'
    default:
      return status >= 500 ? 'SERVER_ERROR' : status >= 400 ? 'INVALID_REQUEST' : 'INVALID_RESPONSE'
  }
}

/** The readable part of Prefect's error bodies; never `input`, `ctx` or `request_body`, which echo the request. */
function explanationIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined
  const {
    detail,
    exception_message: message,
    exception_detail: issues,
  } = json as Record<string, unknown>
  const list = Array.isArray(issues) ? issues : Array.isArray(detail) ? detail : []
  const issuesOrSummary = list.length > 0 ? list.map(issueText) : [detail, message]
  const texts = issuesOrSummary.filter((it) => typeof it === 'string')
  return texts.length === 0 ? undefined : texts.join('; ')
}

function issueText(issue: unknown): string | undefined {
  if (typeof issue !== 'object' || issue === null) return undefined
  const { loc, msg } = issue as Record<string, unknown>
  if (typeof msg !== 'string') return undefined
  return Array.isArray(loc) ? `${loc.join('.')}: ${msg}` : msg
}

function htmlResponse(answer: Exchange, call: Call, text: string): ApiError {
  const title = htmlTitle(text)
  const page =
    title === undefined ? 'an HTML page' : `an HTML page titled "${harmless(title, call)}"`
  return invalidResponse(answer, call, `answered with ${page}. ${addressHint(call.settings)}`)
}

function invalidResponse(answer: Exchange, call: Call, problem: string): ApiError {
  const { status } = answer
  const text = problem.startsWith('status ') ? problem : `status ${status}, ${problem}`
  return callError(call, 'INVALID_RESPONSE', text, { status, requestId: requestIdOf(answer, call) })
}

/** As Prefect Cloud, proxies and clouds call it. */
const requestIdNames = ['x-request-id', 'x-correlation-id', 'cf-ray', 'x-amzn-trace-id']

function requestIdOf({ headers }: Exchange, call: Call): string | undefined {
  const id = requestIdNames.map((name) => headers[name]).find((value) => value !== undefined)
  if (typeof id !== 'string' || !/^[\w.:;=/+-]{1,200}$/.test(id)) return undefined
  return maskSecrets(maskEcho(id, call.body))
}

function isHtml(answer: Exchange, text: string): boolean {
  return /^\s*<(?!\?xml)/.test(text) || /\bhtml\b/i.test(String(answer.headers['content-type']))
}

function htmlTitle(text: string): string | undefined {
  return /<title[^>]{0,100}>([^<]{1,20000})/i.exec(text)?.[1]?.trim()
}

/** One line of bounded length, without anything that the request had sent. */
function harmless(text: string, call: Call): string {
  // Before it is cut: half a secret is not known as one any more.
  const line = maskSecrets(maskEcho(text, call.body)).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  return line.length > detailLimit ? `${line.slice(0, detailLimit)}…` : line
}

function parseJson(text: string): unknown {
  // An own "__proto__" would become the prototype of whatever the object is copied into.
  const suspicious = text.includes('__proto__') || text.includes('\\u00')
  try {
    return JSON.parse(text, suspicious ? withoutPrototype : undefined)
  } catch {
    return undefined
  }
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}
