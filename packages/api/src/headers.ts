import type { Settings } from './settings.ts'
import { apiVersion, version } from './version.ts'

/** Credentials of a call: the header, and where they came from for messages. */
export interface Authorization {
  readonly header: string
  readonly place: string
}

/**
 * The credentials by Prefect's precedence: user and password of the URL, a custom `Authorization`
 * header, the auth string, the API key.
 */
export function authorizationOf(settings: Settings): Authorization | undefined {
  const { urlUserinfo, customHeaders, authString, apiKey, sources } = settings
  const custom = customHeaders['authorization']
  if (urlUserinfo) return { header: basic(urlUserinfo.reveal()), place: sources.urlUserinfo.place }
  if (custom) return { header: latin1(custom.reveal()), place: sources.customHeaders.place }
  if (authString) return { header: basic(authString.reveal()), place: sources.authString.place }
  if (apiKey) return { header: `Bearer ${latin1(apiKey.reveal())}`, place: sources.apiKey.place }
  return undefined
}

/** Headers of every call of a client. */
export function headersOf(settings: Settings): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'x-prefect-api-version': apiVersion,
  }
  for (const [name, value] of Object.entries(settings.customHeaders)) {
    headers[name] = latin1(value.reveal())
  }
  headers['user-agent'] = `prefect-ts/${version}`
  const authorization = authorizationOf(settings)
  if (authorization !== undefined) headers['authorization'] = authorization.header
  return headers
}

function basic(userinfo: string): string {
  return `Basic ${Buffer.from(userinfo).toString('base64')}`
}

/** Header bytes are latin1 in Node; Prefect sends UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
