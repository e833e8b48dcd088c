import { join, resolve } from 'node:path'
import { ApiError } from './errors.ts'
import { variableName, type FoundSetting, type SettingLayer } from './setting-layers.ts'
import { fieldOf, readTomlFile, tableOf } from './settings-file.ts'

/** What profiles are found by. */
export interface ProfileContext {
  /** Name asked for by the caller. */
  profile: string | undefined
  /** Process variables. */
  env: NodeJS.ProcessEnv
  /** Folder that relative paths start from. */
  cwd: string
  /** The places above the profile. */
  layers: readonly SettingLayer[]
  /** Takes what Prefect would warn about. */
  warn: (warning: string) => void
}

/** The active profile, and what is wrong when it is not there. */
export interface ProfileLayer extends SettingLayer {
  /** The profile and its file in words. */
  readonly description: string
  /** Set when the name was chosen somewhere and the file has no such profile; Prefect would go on with an empty one. */
  readonly problem: string | undefined
}

/** Used when there is no profiles file, as Prefect does. */
const builtInProfiles = {
  active: 'ephemeral',
  profiles: {
    ephemeral: {},
    local: { PREFECT_API_URL: 'http://127.0.0.1:4200/api' },
    test: {},
    cloud: {},
  },
}

const testModes = [
  'PREFECT_TEST_MODE',
  'PREFECT_UNIT_TEST_MODE',
  'PREFECT_TESTING_UNIT_TEST_MODE',
  'PREFECT_TESTING_TEST_MODE',
]

/** Settings of the active profile: `profile`, else `PREFECT_PROFILE`, else the file's `active`. */
export function profileLayer(context: ProfileContext): ProfileLayer {
  const testMode = testModes.find((name) => context.env[name])
  if (testMode !== undefined) return withoutProfiles(testMode)

  const file = profilesPath(context)
  const given = readTomlFile(file)
  const document = given ?? builtInProfiles
  const where = given === undefined ? `Prefect's built-in profiles (no file ${file})` : file
  const profiles = tableOf(document['profiles']) ?? {}

  const chosen = [
    { name: context.profile, by: 'the argument profile' },
    { name: context.env['PREFECT_PROFILE'], by: 'environment variable PREFECT_PROFILE' },
    { name: document['active'], by: `active in ${file}` },
  ].find(({ name }) => typeof name === 'string' && name !== '')
  if (context.env['PREFECT_PROFILE'] === '') {
    context.warn('Environment variable PREFECT_PROFILE is empty, and has no effect')
  }
  const name = typeof chosen?.name === 'string' ? chosen.name : 'ephemeral'
  const table = tableOf(fieldOf(profiles, name))
  const known = Object.keys(profiles).join(', ') || 'none'
  const description = `profile "${name}" of ${where}`
  for (const key of Object.keys(table ?? {}).filter(isUnknownSetting)) {
    context.warn(`${key} in ${description} is not a setting of Prefect, and has no effect`)
  }

  return {
    groups: true,
    description,
    problem:
      table === undefined && chosen !== undefined
        ? `Profile "${name}", chosen by ${chosen.by}, does not exist in ${where}, which has: ${known}`
        : undefined,
    find(path): FoundSetting | undefined {
      const key = variableName(path)
      const value = table && fieldOf(table, key)
      const place = `${key} in ${description}`
      if (tableOf(value) !== undefined) {
        throw new ApiError(`${place} must not be a table; write it as JSON in quotes`, {
          code: 'INVALID_SETTING',
        })
      }
      return value === undefined ? undefined : { kind: 'profile', value, place }
    },
  }
}

function withoutProfiles(variable: string): ProfileLayer {
  return {
    groups: false,
    description: `no profile counts, as ${variable} is set,`,
    problem: undefined,
    find: () => undefined,
  }
}

/** Expanded once and used for name and values alike, where Prefect takes them from two places. */
function profilesPath({ env, cwd, layers }: ProfileContext): string {
  const find = (path: string): string | undefined => {
    const found = layers.map((layer) => layer.find(path)).find((it) => it && it.value !== '')
    if (found === undefined || typeof found.value === 'string') return found?.value as string
    throw new ApiError(`${found.place} must be a text`, { code: 'INVALID_SETTING' })
  }
  const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir()
  const expand = (path: string): string => resolve(cwd, path.replace(/^~(?=\/|$)/, home))
  const prefectHome = expand(find('home') ?? join(home, '.prefect'))
  const given = find('profiles_path')
  if (given === undefined) return join(prefectHome, 'profiles.toml')
  return expand(given.replace(/\$PREFECT_HOME\b|\$\{PREFECT_HOME\}/g, () => prefectHome))
}

/** Names of the groups that this package reads; old names of server settings start with PREFECT_API_ too. */
const readGroups = /^PREFECT_(?:API|CLIENT|CLOUD|LOGGING)_/
const knownNames =
  /^PREFECT_(?:API_(?:AUTH_STRING|ENABLE_HTTP2|KEY|REQUEST_TIMEOUT|SSL_CERT_FILE|TLS_INSECURE_SKIP_VERIFY|URL|(?:BLOCKS|DATABASE|EVENTS|MAX_FLOW_RUN_GRAPH|SERVICES|TASK)_\w+|DEFAULT_LIMIT|ENABLE_METRICS|LOG_RETRYABLE_ERRORS)|CLIENT_(?:CSRF_SUPPORT_ENABLED|CUSTOM_HEADERS|ENABLE_METRICS|MAX_RETRIES|METRICS_ENABLED|METRICS_PORT|RETRY_EXTRA_CODES|RETRY_JITTER_FACTOR|SERVER_VERSION_CHECK_ENABLED)|CLOUD_(?:API_URL|ENABLE_ORCHESTRATION_TELEMETRY|MAX_LOG_SIZE|UI_URL)|LOGGING_(?:COLORS|CONFIG_PATH|EXTRA_LOGGERS|INTERNAL_LEVEL|LEVEL|LOG_PRINTS|MARKUP|SERVER_LEVEL|SETTINGS_PATH|TO_API_(?:BATCH_INTERVAL|BATCH_SIZE|ENABLED|MAX_LOG_SIZE|WHEN_MISSING_FLOW)))$/

/** Whether a profile's key is surely no setting: no upper-case `PREFECT_…`, or a mistake in a group that is read here. */
export function isUnknownSetting(key: string): boolean {
  if (!/^PREFECT_[A-Z0-9_]+$/.test(key)) return true
  return readGroups.test(key) && !knownNames.test(key)
}
