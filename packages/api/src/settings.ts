import { ApiError } from './errors.ts'
import { openLayers, type Lookup } from './setting-lookup.ts'
import type { Secret } from './secret.ts'
import { parseApiUrl, parseAuthString, parseHeaders, parseKey } from './setting-credentials.ts'
import type { SettingSource } from './setting-layers.ts'
import {
  parseBoolean,
  parseCount,
  parseFactor,
  parseLevel,
  parseSeconds,
  parseSize,
  parseStatuses,
  parseText,
} from './setting-values.ts'

/** What the Prefect API is called with, each value found on its own. */
export interface Settings {
  /** Address of the API without user, password and trailing slash (`PREFECT_API_URL`). */
  readonly apiUrl: string
  /** `user:password` of the address, when it had them. */
  readonly urlUserinfo: Secret | undefined
  /** Key sent as `Authorization: Bearer` (`PREFECT_API_KEY`). */
  readonly apiKey: Secret | undefined
  /** `user:password` sent as `Authorization: Basic` (`PREFECT_API_AUTH_STRING`). */
  readonly authString: Secret | undefined
  /** Headers sent with every call, by lower-case name, each found on its own (`PREFECT_CLIENT_CUSTOM_HEADERS`). @default {} */
  readonly customHeaders: Readonly<Record<string, Secret>>
  /** Limit of one whole call in milliseconds (`PREFECT_API_REQUEST_TIMEOUT`, there in seconds); may be `Infinity`. @default 60_000 */
  readonly requestTimeoutMs: number
  /** How often a call is repeated at most (`PREFECT_CLIENT_MAX_RETRIES`). @default 5 */
  readonly maxRetries: number
  /** Part of a wait that chance may add to it (`PREFECT_CLIENT_RETRY_JITTER_FACTOR`). @default 0.2 */
  readonly retryJitterFactor: number
  /** Statuses that are repeated besides 408, 429, 502 and 503 (`PREFECT_CLIENT_RETRY_EXTRA_CODES`), ascending. @default [] */
  readonly retryExtraCodes: readonly number[]
  /** Whether CSRF tokens are fetched and sent (`PREFECT_CLIENT_CSRF_SUPPORT_ENABLED`). @default true */
  readonly csrfSupportEnabled: boolean
  /** Whether any certificate of the server is accepted (`PREFECT_API_TLS_INSECURE_SKIP_VERIFY`). @default false */
  readonly tlsInsecureSkipVerify: boolean
  /** File of the certificate authorities to trust instead of the usual ones (`PREFECT_API_SSL_CERT_FILE`). @default process variable `SSL_CERT_FILE` */
  readonly sslCertFile: string | undefined
  /** Whether logs are sent to the API (`PREFECT_LOGGING_TO_API_ENABLED`). @default true */
  readonly loggingToApiEnabled: boolean
  /** Lowest level that is logged, in upper case (`PREFECT_LOGGING_LEVEL`); `DEBUG` in debug and test mode. @default 'INFO' */
  readonly loggingLevel: string
  /** Largest log line in bytes (`PREFECT_LOGGING_TO_API_MAX_LOG_SIZE`), on Prefect Cloud at most `cloudMaxLogSize`. @default 1_000_000 */
  readonly loggingMaxLogSize: number
  /** Address that Prefect Cloud's workspaces start with (`PREFECT_CLOUD_API_URL`). */
  readonly cloudApiUrl: string
  /** Largest log line that Prefect Cloud takes, in bytes (`PREFECT_CLOUD_MAX_LOG_SIZE`). @default 25_000 */
  readonly cloudMaxLogSize: number
  /** Who this process runs for, as a Prefect worker tells it; sent with every call so that the server can tell. */
  readonly attribution: Attribution
  /** What Prefect would warn about: settings that have no effect, an address that is probably wrong. Nothing is printed. */
  readonly warnings: readonly string[]
  /** For each value the place that it was taken from. */
  readonly sources: Readonly<Record<SettingName, SettingSource>>
}

/** The name of a setting. */
export type SettingName = Exclude<keyof Settings, 'attribution' | 'sources' | 'warnings'>

/** Worker, flow and deployment that this process runs for: process variables `PREFECT__WORKER_ID`, `PREFECT__WORKER_NAME` and so on. */
export interface Attribution {
  /** Id of the worker. */
  readonly workerId: string | undefined
  /** Name of the worker; may hold any character. */
  readonly workerName: string | undefined
  /** Id of the flow. */
  readonly flowId: string | undefined
  /** Name of the flow; may hold any character. */
  readonly flowName: string | undefined
  /** Id of the deployment. */
  readonly deploymentId: string | undefined
  /** Name of the deployment; may hold any character. */
  readonly deploymentName: string | undefined
}

/** Settings given in code; they win over every other place. */
export interface SettingOverrides {
  /** Address of the API; may hold `user:password@`. */
  apiUrl?: string | undefined
  /** Key sent as `Authorization: Bearer`. */
  apiKey?: string | undefined
  /** `user:password` sent as `Authorization: Basic`. */
  authString?: string | undefined
  /** Headers sent with every call; `User-Agent` and Prefect's CSRF headers are left out, as Prefect does. */
  customHeaders?: Readonly<Record<string, string>> | undefined
  /** Limit of one whole call in milliseconds, its retries included. */
  timeoutMs?: number | undefined
  /** How often a call is repeated at most. */
  maxRetries?: number | undefined
  /** Part of a wait that chance may add to it. */
  retryJitterFactor?: number | undefined
  /** Statuses that are repeated besides 408, 429, 502 and 503. */
  retryExtraCodes?: readonly number[] | undefined
  /** Whether CSRF tokens are fetched and sent. */
  csrfSupportEnabled?: boolean | undefined
  /** Whether any certificate of the server is accepted. */
  tlsInsecureSkipVerify?: boolean | undefined
  /** File of the certificate authorities to trust instead of the usual ones. */
  sslCertFile?: string | undefined
}

/** Where settings are looked for. */
export interface ResolveSettingsOptions {
  /** Process variables. @default process.env */
  env?: NodeJS.ProcessEnv | undefined
  /** Folder whose `.env`, `prefect.toml` and `pyproject.toml` are read. @default process.cwd() */
  cwd?: string | undefined
  /** Name of the profile. @default `PREFECT_PROFILE`, else the active profile of the profiles file */
  profile?: string | undefined
  /** Settings given in code. */
  overrides?: SettingOverrides | undefined
}

/**
 * Finds the settings as Prefect does: arguments, then process variables (names in any case), `.env`,
 * `prefect.toml` and `pyproject.toml` in the working folder, the active profile, defaults; each value
 * on its own, an empty text counting as set. Where Prefect would silently start a temporary server
 * (no URL, an empty one, an unknown profile) it throws `ApiError` `NO_API_URL` or, for the profile,
 * `INVALID_SETTING`, as for any value or file that cannot be used.
 */
export function resolveSettings(options: ResolveSettingsOptions = {}): Settings {
  const { env = process.env, cwd = process.cwd(), profile, overrides = {} } = options
  const { lookup, lookupMerged, profileLayer, sources, warnings, warn } = openLayers({
    env,
    cwd,
    profile,
    overrides: byPath(overrides),
  })

  const url = lookup('apiUrl', 'api.url', parseApiUrl, undefined)
  if (profileLayer.problem !== undefined) {
    if (url === undefined || profile !== undefined)
      throw new ApiError(profileLayer.problem, { code: 'INVALID_SETTING' })
    warn(profileLayer.problem)
  }
  if (url === undefined) {
    throw new ApiError(
      `No Prefect API URL: neither the environment nor .env, prefect.toml or pyproject.toml in ${cwd} sets PREFECT_API_URL, and ${profileLayer.description} has none. ` +
        'Set PREFECT_API_URL to the address of a running server, such as http://127.0.0.1:4200/api, or choose another profile',
      { code: 'NO_API_URL' },
    )
  }
  const cloudApiUrl = lookup('cloudApiUrl', 'cloud.api_url', parseText, defaultCloudUrl) ?? ''
  const cloudMaxLogSize = lookup('cloudMaxLogSize', 'cloud.max_log_size', parseSize, 25_000)
  const isCloud = cloudApiUrl !== '' && url.apiUrl.startsWith(cloudApiUrl)
  if (!lookup(undefined, 'silence_api_url_misconfiguration', parseBoolean, false)) {
    const hints = addressHints(url.apiUrl)
    if (hints.length > 0) warn(`${hints.join('; ')} (from ${sources.apiUrl?.place})`)
  }

  // The variable that OpenSSL has is Prefect's default, from the process only.
  const sslCertFile = lookup('sslCertFile', 'api.ssl_cert_file', parseText, env['SSL_CERT_FILE'])
  if (sslCertFile && sources.sslCertFile?.kind === 'default') {
    sources.sslCertFile = { kind: 'default', place: 'environment variable SSL_CERT_FILE' }
  }

  return {
    ...url,
    apiKey: lookup('apiKey', 'api.key', parseKey, undefined),
    authString: lookup('authString', 'api.auth_string', parseAuthString, undefined),
    customHeaders: lookupMerged('customHeaders', 'client.custom_headers', parseHeaders),
    requestTimeoutMs: lookup('requestTimeoutMs', 'api.request_timeout', parseSeconds, 60_000),
    maxRetries: lookup('maxRetries', 'client.max_retries', parseCount, 5),
    retryJitterFactor: lookup('retryJitterFactor', 'client.retry_jitter_factor', parseFactor, 0.2),
    retryExtraCodes: lookup('retryExtraCodes', 'client.retry_extra_codes', parseStatuses, []),
    csrfSupportEnabled: lookup(
      'csrfSupportEnabled',
      'client.csrf_support_enabled',
      parseBoolean,
      true,
    ),
    tlsInsecureSkipVerify: lookup(
      'tlsInsecureSkipVerify',
      'api.tls_insecure_skip_verify',
      parseBoolean,
      false,
    ),
    sslCertFile: sslCertFile || undefined,
    loggingToApiEnabled: lookup(
      'loggingToApiEnabled',
      'logging.to_api.enabled',
      parseBoolean,
      true,
    ),
    loggingLevel: loggingLevel(lookup),
    loggingMaxLogSize: Math.min(
      lookup('loggingMaxLogSize', 'logging.to_api.max_log_size', parseSize, 1_000_000),
      isCloud ? cloudMaxLogSize : Infinity,
    ),
    cloudApiUrl,
    cloudMaxLogSize,
    attribution: attributionOf(env),
    warnings,
    sources: { ...sources, urlUserinfo: sources.apiUrl } as Settings['sources'],
  }
}

const defaultCloudUrl = 'https://api.prefect.cloud/api'

function loggingLevel(lookup: Lookup): string {
  const level = lookup('loggingLevel', 'logging.level', parseLevel, 'INFO')
  for (const path of ['debug_mode', 'testing.test_mode', 'test_mode']) {
    if (lookup(undefined, path, parseBoolean, false)) {
      return lookup('loggingLevel', path, () => 'DEBUG', level)
    }
  }
  return level
}

/** What Prefect warns about in the address of a Cloud workspace. */
function addressHints(apiUrl: string): string[] {
  const { pathname } = new URL(apiUrl)
  const hints = [
    apiUrl.includes('app.prefect.cloud') &&
      'PREFECT_API_URL points to app.prefect.cloud, which has the web pages; the API is at api.prefect.cloud',
    apiUrl.includes('account/') && 'PREFECT_API_URL has /account/ where the API has /accounts/',
    apiUrl.includes('workspace/') &&
      'PREFECT_API_URL has /workspace/ where the API has /workspaces/',
    apiUrl.includes('api.prefect.cloud') &&
      pathname.length > 1 &&
      !pathname.startsWith('/api') &&
      'PREFECT_API_URL should have /api after the host',
  ]
  return hints.filter((hint) => hint !== false)
}

/** As Prefect reads them: from the process only, without the blanks around. */
function attributionOf(env: NodeJS.ProcessEnv): Attribution {
  const get = (name: string): string | undefined =>
    env[`PREFECT__${name}`]?.replaceAll(/^[ \t]+|[ \t]+$/g, '') || undefined
  return {
    workerId: get('WORKER_ID'),
    workerName: get('WORKER_NAME'),
    flowId: get('FLOW_ID'),
    flowName: get('FLOW_NAME'),
    deploymentId: get('DEPLOYMENT_ID'),
    deploymentName: get('DEPLOYMENT_NAME'),
  }
}

/** The arguments by the paths that the other places use. */
function byPath(overrides: SettingOverrides): Record<string, [argument: string, value: unknown]> {
  const { timeoutMs } = overrides
  return {
    'api.url': ['apiUrl', overrides.apiUrl],
    'api.key': ['apiKey', overrides.apiKey],
    'api.auth_string': ['authString', overrides.authString],
    'client.custom_headers': ['customHeaders', overrides.customHeaders],
    'api.request_timeout': ['timeoutMs', timeoutMs === undefined ? undefined : timeoutMs / 1000],
    'client.max_retries': ['maxRetries', overrides.maxRetries],
    'client.retry_jitter_factor': ['retryJitterFactor', overrides.retryJitterFactor],
    'client.retry_extra_codes': ['retryExtraCodes', overrides.retryExtraCodes],
    'client.csrf_support_enabled': ['csrfSupportEnabled', overrides.csrfSupportEnabled],
    'api.tls_insecure_skip_verify': ['tlsInsecureSkipVerify', overrides.tlsInsecureSkipVerify],
    'api.ssl_cert_file': ['sslCertFile', overrides.sslCertFile],
  }
}
