import { ApiError } from './errors.ts'
import { createSecret, createUnregisteredSecret, type Secret } from './secret.ts'

// Every parser takes the text and the place that it stands in. An error names the place, never the text.

/** The address without user and password, which are returned on their own. */
export function parseApiUrl(
  text: string,
  place: string,
): { apiUrl: string; urlUserinfo: Secret | undefined } {
  if (text.trim() === '') {
    throw new ApiError(
      `No Prefect API URL: ${place} is empty. Set it to the address of a running server, such as http://127.0.0.1:4200/api, or remove it`,
      { code: 'NO_API_URL' },
    )
  }
  const url = URL.parse(text)
  if (url === null) throw invalid(place, 'is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(place, 'must start with http:// or https://')
  }
  if (url.search !== '' || url.hash !== '') throw invalid(place, 'must not contain ? or #')
  const userinfo = url.username + url.password === '' ? undefined : decodeUserinfo(url, place)
  return {
    apiUrl: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    urlUserinfo: userinfo,
  }
}

/** A key that goes into a header as it is; an empty text is none. */
export function parseKey(text: string, place: string): Secret | undefined {
  // A header may not carry these; undici would refuse them later, without the place.
  if (/[\r\n\0]/.test(text)) throw invalid(place, 'contains a line break or NUL')
  return text === '' ? undefined : createSecret(text)
}

/** `user:password`, whose password is a secret on its own too; an empty text is none. */
export function parseUserinfo(text: string): Secret | undefined {
  if (text === '') return undefined
  createSecret(text.slice(text.indexOf(':') + 1))
  return createSecret(text)
}

/** `1/true/t/yes/y/on` and `0/false/f/no/n/off` in any case. */
export function parseBoolean(text: string, place: string): boolean {
  if (/^(?:1|true|t|yes|y|on)$/i.test(text)) return true
  if (/^(?:0|false|f|no|n|off)$/i.test(text)) return false
  throw invalid(place, 'must be true or false')
}

/** Seconds to milliseconds. */
export function parseSeconds(text: string, place: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!(seconds > 0)) throw invalid(place, 'must be a number above 0')
  return seconds * 1000
}

/** A whole number from 1. */
export function parseInteger(text: string, place: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw invalid(place, 'must be a whole number above 0')
  return number
}

/** A whole number from 0. */
export function parseCount(text: string, place: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isSafeInteger(number) || number < 0)
    throw invalid(place, 'must be a whole number from 0')
  return number
}

/** A number from 0. */
export function parseFactor(text: string, place: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!(number >= 0)) throw invalid(place, 'must be a number from 0')
  return number
}

/** Statuses as `404`, `404, 500` or `[404, 500]`; an empty text is none. */
export function parseStatuses(text: string, place: string): number[] {
  const inner = text.trim().replace(/^\[([^]*)\]$/, '$1')
  const codes = inner
    .split(',')
    .filter((code) => code.trim() !== '')
    .map(Number)
  if (codes.some((code) => !Number.isInteger(code) || code < 100 || code > 599))
    throw invalid(place, 'must be HTTP statuses from 100 to 599, separated by commas')
  return [...new Set(codes)].toSorted((a, b) => a - b)
}

const ownHeaders = ['user-agent', 'prefect-csrf-token', 'prefect-csrf-client', 'accept-encoding']
const framingHeaders = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]
const sensitiveName = /auth|cookie|credential|key|password|secret|token/

/** A JSON object of header names and values, by lower-case name, without those that Prefect protects. */
export function parseHeaders(text: string, place: string): Record<string, Secret> {
  const wrong = 'must be a JSON object of header names and text values'
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw invalid(place, wrong)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid(place, wrong)

  const headers: Record<string, Secret> = {}
  for (const [givenName, value] of Object.entries(given)) {
    const name = givenName.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw invalid(place, 'has an invalid header name')
    if (framingHeaders.includes(name)) throw invalid(place, `must not set ${name}`)
    if (typeof value !== 'string') throw invalid(place, `must give text for the header ${name}`)
    if (/[\r\n\0]/.test(value))
      throw invalid(place, `has a line break or NUL in the header ${name}`)
    if (ownHeaders.includes(name)) continue
    // Not every header is a secret: replacing the word "production" would destroy every log.
    headers[name] = sensitiveName.test(name) ? createSecret(value) : createUnregisteredSecret(value)
  }
  return headers
}

function decodeUserinfo(url: URL, place: string): Secret | undefined {
  try {
    return parseUserinfo(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)
  } catch {
    throw invalid(place, 'has a user or password that is not percent-encoded UTF-8')
  }
}

function invalid(place: string, problem: string): ApiError {
  const subject = place.charAt(0).toUpperCase() + place.slice(1)
  return new ApiError(`${subject} ${problem}`, { code: 'INVALID_SETTING' })
}
