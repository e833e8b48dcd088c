import { ApiError } from './errors.ts'
import { createSecret, createUnregisteredSecret, type Secret } from './secret.ts'
import { decodeJson, invalid, parseText, parseUserinfo } from './setting-values.ts'
import { tableOf } from './settings-file.ts'

/** The address without user and password, which are returned on their own. */
export function parseApiUrl(
  value: unknown,
  place: string,
): { apiUrl: string; urlUserinfo: Secret | undefined } {
  const text = parseText(value, place) ?? ''
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
export function parseKey(value: unknown, place: string): Secret | undefined {
  const text = parseText(value, place)
  // A header may not carry these; undici would refuse them later, without the place.
  if (text && /[\r\n\0]/.test(text)) throw invalid(place, 'contains a line break or NUL')
  return text ? createSecret(text) : undefined
}

/** `user:password`; an empty text is none. */
export function parseAuthString(value: unknown, place: string): Secret | undefined {
  return parseUserinfo(parseText(value, place) ?? '')
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

/** A JSON object or a TOML table of header names and values, by lower-case name, without those that are protected. */
export function parseHeaders(
  value: unknown,
  place: string,
  warn: (warning: string) => void,
): Record<string, Secret> {
  const given = tableOf(typeof value === 'string' ? decodeJson(value) : value)
  if (given === undefined)
    throw invalid(place, 'must be a JSON object of header names and text values')

  const headers: Record<string, Secret> = {}
  for (const [givenName, text] of Object.entries(given)) {
    const name = givenName.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw invalid(place, 'has an invalid header name')
    if (framingHeaders.includes(name)) throw invalid(place, `must not set ${name}`)
    if (typeof text !== 'string') throw invalid(place, `must give text for the header ${name}`)
    if (/[\r\n\0]/.test(text)) throw invalid(place, `has a line break or NUL in the header ${name}`)
    if (ownHeaders.includes(name)) {
      warn(`The header ${name} in ${place} is left out: this client sets it itself`)
      continue
    }
    // Not every header is a secret: replacing the word "production" would destroy every log.
    headers[name] = sensitiveName.test(name) ? createSecret(text) : createUnregisteredSecret(text)
  }
  return headers
}

function decodeUserinfo(url: URL, place: string): Secret | undefined {
  try {
    const [user, password] = [url.username, url.password].map(decodeURIComponent)
    return parseUserinfo(`${user}:${password}`)
  } catch {
    throw invalid(place, 'has a user or password that is not percent-encoded UTF-8')
  }
}
