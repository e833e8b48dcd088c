import { ApiError } from './errors.ts'
import { profileLayer } from './profile.ts'
import type { Secret } from './secret.ts'
import {
  dotenvLayer,
  environmentLayer,
  type SettingLayer,
  type SettingSource,
} from './setting-layers.ts'
import {
  parseApiUrl,
  parseBoolean,
  parseCount,
  parseFactor,
  parseHeaders,
  parseInteger,
  parseKey,
  parseSeconds,
  parseStatuses,
  parseUserinfo,
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
  /** Headers sent with every call, by lower-case name (`PREFECT_CLIENT_CUSTOM_HEADERS`). */
  readonly customHeaders: Readonly<Record<string, Secret>>
  /** Limit of one whole call in milliseconds (`PREFECT_API_REQUEST_TIMEOUT`, there in seconds). @default 60_000 */
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
  /** Lowest level that is logged, in upper case (`PREFECT_LOGGING_LEVEL`). @default 'INFO' */
  readonly loggingLevel: string
  /** Largest log line in bytes (`PREFECT_LOGGING_TO_API_MAX_LOG_SIZE`), on Prefect Cloud at most `cloudMaxLogSize`. @default 1_000_000 */
  readonly loggingMaxLogSize: number
  /** Address that Prefect Cloud's workspaces start with (`PREFECT_CLOUD_API_URL`). */
  readonly cloudApiUrl: string
  /** Largest log line that Prefect Cloud takes, in bytes (`PREFECT_CLOUD_MAX_LOG_SIZE`). @default 25_000 */
  readonly cloudMaxLogSize: number
  /** Who this process runs for, as a Prefect worker tells it; sent with every call so that the server can tell. */
  readonly attribution: Attribution
  /** For each value the place that it was taken from. */
  readonly sources: Readonly<Record<SettingName, SettingSource>>
}

/** The name of a setting. */
export type SettingName = Exclude<keyof Settings, 'attribution' | 'sources'>

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
}

/** Where settings are looked for. */
export interface ResolveSettingsOptions {
  /** Process variables. @default process.env */
  env?: NodeJS.ProcessEnv | undefined
  /** Folder whose `.env` is read. @default process.cwd() */
  cwd?: string | undefined
  /** Name of the profile. @default `PREFECT_PROFILE`, else the active profile of the profiles file */
  profile?: string | undefined
  /** Settings given in code. */
  overrides?: SettingOverrides | undefined
}

/**
 * Finds the settings as Prefect does: arguments, then process variables (names in any case), `.env`
 * in the working folder, the active profile, defaults; each value on its own, an empty text counting
 * as set. Where Prefect would silently start a temporary server (no URL, an empty one, an unknown
 * profile) it throws `ApiError` `NO_API_URL` or, for the profile, `INVALID_SETTING`.
 */
export function resolveSettings(options: ResolveSettingsOptions = {}): Settings {
  const { env = process.env, cwd = process.cwd(), profile: profileName } = options
  const overrides = argumentLayer(options.overrides ?? {})
  const files: SettingLayer[] = [environmentLayer(env), dotenvLayer(cwd, env)]
  const find = (name: string): string | undefined =>
    files.map((layer) => layer.get(name)).find((value) => value !== undefined)
  const profile = profileLayer({ profile: profileName, env, cwd, find })
  const layers = [overrides, ...files, profile]

  const sources: Partial<Record<SettingName, SettingSource>> = {}
  /** The first text of `name` through `parse`; `fallback` when no place has it. */
  function setting<T>(key: SettingName, name: string, parse: Parse<T>, fallback: T): T {
    for (const layer of layers) {
      const text = layer.get(name)
      if (text === undefined) continue
      const source: SettingSource = { kind: layer.kind, place: layer.place(name) }
      sources[key] = source
      return parse(text, source.place)
    }
    sources[key] = { kind: 'default', place: 'its default' }
    return fallback
  }

  const url = setting('apiUrl', 'PREFECT_API_URL', parseApiUrl, undefined)
  if (profile.problem !== undefined && (url === undefined || profileName !== undefined)) {
    throw new ApiError(profile.problem, { code: 'INVALID_SETTING' })
  }
  if (url === undefined) {
    throw new ApiError(
      `No Prefect API URL: neither the environment nor .env in ${cwd} sets PREFECT_API_URL, and ${profile.description} has none. ` +
        'Set PREFECT_API_URL to the address of a running server, such as http://127.0.0.1:4200/api, or choose another profile',
      { code: 'NO_API_URL' },
    )
  }
  const cloudApiUrl = setting('cloudApiUrl', 'PREFECT_CLOUD_API_URL', asIs, defaultCloudUrl)
  const cloudMaxLogSize = setting(
    'cloudMaxLogSize',
    'PREFECT_CLOUD_MAX_LOG_SIZE',
    parseInteger,
    25_000,
  )
  const maxLogSize = setting(
    'loggingMaxLogSize',
    'PREFECT_LOGGING_TO_API_MAX_LOG_SIZE',
    parseInteger,
    1_000_000,
  )
  const settings = {
    ...url,
    apiKey: setting('apiKey', 'PREFECT_API_KEY', parseKey, undefined),
    authString: setting('authString', 'PREFECT_API_AUTH_STRING', parseUserinfo, undefined),
    customHeaders: setting('customHeaders', 'PREFECT_CLIENT_CUSTOM_HEADERS', parseHeaders, {}),
    requestTimeoutMs: setting(
      'requestTimeoutMs',
      'PREFECT_API_REQUEST_TIMEOUT',
      parseSeconds,
      60_000,
    ),
    maxRetries: setting('maxRetries', 'PREFECT_CLIENT_MAX_RETRIES', parseCount, 5),
    retryJitterFactor: setting(
      'retryJitterFactor',
      'PREFECT_CLIENT_RETRY_JITTER_FACTOR',
      parseFactor,
      0.2,
    ),
    retryExtraCodes: setting(
      'retryExtraCodes',
      'PREFECT_CLIENT_RETRY_EXTRA_CODES',
      parseStatuses,
      [],
    ),
    csrfSupportEnabled: setting(
      'csrfSupportEnabled',
      'PREFECT_CLIENT_CSRF_SUPPORT_ENABLED',
      parseBoolean,
      true,
    ),
    tlsInsecureSkipVerify: setting(
      'tlsInsecureSkipVerify',
      'PREFECT_API_TLS_INSECURE_SKIP_VERIFY',
      parseBoolean,
      false,
    ),
    sslCertFile:
      setting('sslCertFile', 'PREFECT_API_SSL_CERT_FILE', asIs, env['SSL_CERT_FILE']) || undefined,
    loggingToApiEnabled: setting(
      'loggingToApiEnabled',
      'PREFECT_LOGGING_TO_API_ENABLED',
      parseBoolean,
      true,
    ),
    loggingLevel: setting('loggingLevel', 'PREFECT_LOGGING_LEVEL', upperCase, 'INFO'),
    loggingMaxLogSize: url.apiUrl.startsWith(cloudApiUrl)
      ? Math.min(maxLogSize, cloudMaxLogSize)
      : maxLogSize,
    cloudApiUrl,
    cloudMaxLogSize,
  }
  return {
    ...settings,
    attribution: attributionOf(env),
    sources: { ...sources, urlUserinfo: sources.apiUrl } as Settings['sources'],
  }
}

type Parse<T> = (text: string, place: string) => T

const defaultCloudUrl = 'https://api.prefect.cloud/api'
const asIs = (text: string): string => text
const upperCase = (text: string): string => text.toUpperCase()

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

/** The arguments under the names that the other places use. */
function argumentLayer(overrides: SettingOverrides): SettingLayer {
  const { apiUrl, apiKey, authString, customHeaders, timeoutMs } = overrides
  const values: Record<string, [argument: string, value: string | undefined]> = {
    PREFECT_API_URL: ['apiUrl', apiUrl],
    PREFECT_API_KEY: ['apiKey', apiKey],
    PREFECT_API_AUTH_STRING: ['authString', authString],
    PREFECT_CLIENT_CUSTOM_HEADERS: [
      'customHeaders',
      customHeaders && JSON.stringify(customHeaders),
    ],
    PREFECT_API_REQUEST_TIMEOUT: [
      'timeoutMs',
      timeoutMs === undefined ? undefined : String(timeoutMs / 1000),
    ],
  }
  return {
    kind: 'argument',
    get: (name) => values[name]?.[1],
    place: (name) => `the argument ${values[name]?.[0]}`,
  }
}
