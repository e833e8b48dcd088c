import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from './errors.ts'
import { loadDotenv } from './lazy.ts'

/** The kind of place that a setting was taken from; the order is the precedence. */
export type SettingKind = 'argument' | 'environment' | 'dotenv' | 'profile' | 'default'

/** The place that a setting was taken from. */
export interface SettingSource {
  /** The kind of place. */
  readonly kind: SettingKind
  /** The place in words, made to stand after "from": `environment variable PREFECT_API_URL`. */
  readonly place: string
}

/** One place where settings stand under their `PREFECT_…` names. */
export interface SettingLayer {
  readonly kind: SettingKind
  /** The text of a setting: `''` when it is there and empty, `undefined` when it is absent. */
  get(name: string): string | undefined
  /** The place in words, made to stand after "from". */
  place(name: string): string
}

/** Process variables; `env` as it is, names in any case. */
export function environmentLayer(env: NodeJS.ProcessEnv): SettingLayer {
  const values = prefectVariables(env)
  return {
    kind: 'environment',
    get: (name) => values.get(name),
    place: (name) => `environment variable ${name}`,
  }
}

/** The `.env` file of `cwd`, and of no folder above; empty when there is none. */
export function dotenvLayer(cwd: string, env: NodeJS.ProcessEnv): SettingLayer {
  const file = join(cwd, '.env')
  const text = readSettingsFile(file)
  const values = prefectVariables(text === undefined ? {} : parseDotenv(text, env))
  return {
    kind: 'dotenv',
    get: (name) => values.get(name),
    place: (name) => `${name} in ${file}`,
  }
}

/** Text of a file without its byte order mark; `undefined` when there is no such file. */
export function readSettingsFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A folder called .env is somebody's virtual environment.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw new ApiError(`Cannot read the settings file ${file}: ${code}`, {
      code: 'INVALID_SETTING',
      cause: error,
    })
  }
}

/** As python-dotenv does: `${NAME}` and `${NAME:-default}`, the file's own variables first. */
function parseDotenv(text: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, raw] of Object.entries(loadDotenv().parse(text))) {
    values[name] = raw.replaceAll(
      /\$\{([^}:]*)(?::-([^}]*))?\}/g,
      (_, variable: string, otherwise: string | undefined) =>
        values[variable] ?? env[variable] ?? otherwise ?? '',
    )
  }
  return values
}

function prefectVariables(variables: Record<string, string | undefined>): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(variables)) {
    const upper = name.toUpperCase()
    if (value === undefined || !upper.startsWith('PREFECT_')) continue
    if (name === upper || !values.has(upper)) values.set(upper, value)
  }
  return values
}
