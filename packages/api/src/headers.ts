import { ApiError } from './errors.ts'
import type { Attribution, Settings } from './settings.ts'
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

const attributionNames: Readonly<Record<keyof Attribution, string>> = {
  workerId: 'x-prefect-worker-id',
  workerName: 'x-prefect-worker-name',
  flowId: 'x-prefect-flow-id',
  flowName: 'x-prefect-flow-name',
  deploymentId: 'x-prefect-deployment-id',
  deploymentName: 'x-prefect-deployment-name',
}

/** Headers of every call of a client. Throws `ApiError` for a value that no header can carry, without showing it. */
export function headersOf(settings: Settings): Record<string, string> {
  const { customHeaders, attribution, sources } = settings
  const headers: Record<string, string> = {
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'x-prefect-api-version': apiVersion,
  }
  for (const [name, value] of Object.entries(customHeaders)) {
    headers[name] = checked(
      latin1(value.reveal()),
      `${sources.customHeaders.place}, header ${name}`,
    )
  }
  headers['user-agent'] = `prefect-ts/${version}`
  const authorization = authorizationOf(settings)
  if (authorization !== undefined) {
    headers['authorization'] = checked(authorization.header, authorization.place)
  }
  for (const [key, name] of Object.entries(attributionNames)) {
    const value = attribution[key as keyof Attribution]
    // Names that somebody gave a flow: they may hold anything, and are no reason to fail.
    if (value !== undefined) headers[name] = latin1(value.replaceAll(/\p{Cc}+/gu, ' ')).trim()
  }
  return headers
}

function checked(header: string, place: string): string {
  if (!/[^\t\u0020-\u007e\u0080-\u00ff]/.test(header)) return header
  const problem = 'contains a character that no HTTP header can carry'
  throw new ApiError(`${place.charAt(0).toUpperCase()}${place.slice(1)} ${problem}`, {
    code: 'INVALID_SETTING',
  })
}

function basic(userinfo: string): string {
  return `Basic ${Buffer.from(userinfo).toString('base64')}`
}

/** Header bytes are latin1 in Node; Prefect sends UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
