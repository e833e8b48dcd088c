import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isApiError, resolveSettings } from '../../src/index.ts'
import type { Case } from './cases.ts'

/** What a case leads to: values, sources and warnings, or an error. */
export type Outcome = Record<string, unknown>
/** What Prefect loads. */
export interface Loaded {
  error?: string
  values: Record<string, unknown>
  sources: Record<string, string>
  warnings: string[]
  profileWarning: boolean
}

/** Writes a case; what it is called with. */
export function lay(given: Case, cwd: string): { cwd: string; env: Record<string, string> } {
  const put = (value: string): string => value.replaceAll('$DIR', cwd)
  mkdirSync(join(cwd, 'home/.prefect'), { recursive: true })
  for (const [path, content] of Object.entries(given.files ?? {})) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), put(content))
  }
  const env: Record<string, string> = { HOME: join(cwd, 'home') }
  for (const [name, value] of Object.entries(given.env ?? {})) env[name] = put(value)
  return { cwd, env }
}

/** What this package makes of a case, in the form of Prefect's values. */
export function ours({ cwd, env }: { cwd: string; env: Record<string, string> }): Outcome {
  try {
    const {
      sources,
      warnings,
      attribution: _,
      urlUserinfo: _userinfo,
      ...settings
    } = resolveSettings({ cwd, env })
    const headers = Object.entries(settings.customHeaders).map(([name, it]) => [name, it.reveal()])
    const kinds = Object.entries(sources).map(([key, { kind }]) => [key, kind])
    return {
      ...settings,
      apiKey: settings.apiKey?.reveal(),
      authString: settings.authString?.reveal(),
      customHeaders: Object.fromEntries(headers),
      sources: Object.fromEntries(kinds.filter(([key]) => key !== 'urlUserinfo')),
      warnings: warnings.length,
    }
  } catch (error) {
    if (isApiError(error)) return { error: error.code }
    throw error
  }
}

/** What this package should make of what Prefect made of it. */
export function expected({ error, values, sources, warnings, profileWarning }: Loaded): Outcome {
  if (error !== undefined) return { error: 'INVALID_SETTING' }
  const { apiUrl } = values
  if (typeof apiUrl !== 'string' || apiUrl === '')
    return { error: profileWarning ? 'INVALID_SETTING' : 'NO_API_URL' }
  const headers = Object.entries(values['customHeaders'] as Record<string, string>)
  return {
    ...values,
    apiUrl: apiUrl.replace(/\/+$/, ''),
    apiKey: values['apiKey'] || undefined,
    authString: values['authString'] || undefined,
    sslCertFile: values['sslCertFile'] || undefined,
    customHeaders: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    requestTimeoutMs: number(values['requestTimeoutMs']) * 1000,
    retryJitterFactor: number(values['retryJitterFactor']),
    sources,
    warnings: warnings.length + (profileWarning ? 1 : 0),
  }
}

const number = (value: unknown): number => (value === 'inf' ? Infinity : Number(value))

/** The compared settings by the names of their variables. */
export const settingNames: Readonly<Record<string, string>> = {
  apiUrl: 'PREFECT_API_URL',
  apiKey: 'PREFECT_API_KEY',
  authString: 'PREFECT_API_AUTH_STRING',
  customHeaders: 'PREFECT_CLIENT_CUSTOM_HEADERS',
  requestTimeoutMs: 'PREFECT_API_REQUEST_TIMEOUT',
  maxRetries: 'PREFECT_CLIENT_MAX_RETRIES',
  retryJitterFactor: 'PREFECT_CLIENT_RETRY_JITTER_FACTOR',
  retryExtraCodes: 'PREFECT_CLIENT_RETRY_EXTRA_CODES',
  csrfSupportEnabled: 'PREFECT_CLIENT_CSRF_SUPPORT_ENABLED',
  tlsInsecureSkipVerify: 'PREFECT_API_TLS_INSECURE_SKIP_VERIFY',
  sslCertFile: 'PREFECT_API_SSL_CERT_FILE',
  loggingToApiEnabled: 'PREFECT_LOGGING_TO_API_ENABLED',
  loggingLevel: 'PREFECT_LOGGING_LEVEL',
  loggingMaxLogSize: 'PREFECT_LOGGING_TO_API_MAX_LOG_SIZE',
  cloudApiUrl: 'PREFECT_CLOUD_API_URL',
  cloudMaxLogSize: 'PREFECT_CLOUD_MAX_LOG_SIZE',
}
