import { join } from 'node:path'
import { parseDotenv } from './dotenv.ts'
import { ApiError } from './errors.ts'
import { fieldOf, readSettingsFile, readTomlFile, tableOf } from './settings-file.ts'

/** The kind of place that a setting was taken from; the order is the precedence. */
export type SettingKind =
  | 'argument'
  | 'environment'
  | 'dotenv'
  | 'prefect.toml'
  | 'pyproject.toml'
  | 'profile'
  | 'default'

/** The place that a setting was taken from. */
export interface SettingSource {
  /** The kind of place. */
  readonly kind: SettingKind
  /** The place in words, made to stand after "from": `environment variable PREFECT_API_URL`. */
  readonly place: string
}

/** A value as it stands in its place: a text, or what TOML and JSON have. */
export interface FoundSetting extends SettingSource {
  readonly value: unknown
}

/** One place where settings stand. */
export interface SettingLayer {
  /** The value of a setting, by its path in Prefect's settings: `api.request_timeout`. */
  find(path: string): FoundSetting | undefined
  /** Whether a group of settings may stand here as one JSON text, as in `PREFECT_API='{"url": …}'`. */
  readonly groups: boolean
}

/** Name of a setting as a variable: `PREFECT_API_REQUEST_TIMEOUT`. */
export function variableName(path: string): string {
  return `PREFECT_${path.replaceAll('.', '_').toUpperCase()}`
}

/** Process variables, names in any case; of one name in several, the last one counts. */
export function environmentLayer(env: NodeJS.ProcessEnv): SettingLayer {
  return variableLayer('environment', Object.entries(env), (name) => `environment variable ${name}`)
}

/** The `.env` file of `cwd`, and of no folder above; empty when there is none. */
export function dotenvLayer(
  cwd: string,
  env: NodeJS.ProcessEnv,
  warn: (warning: string) => void,
): SettingLayer {
  const file = join(cwd, '.env')
  const { variables, unreadable } = parseDotenv(readSettingsFile(file) ?? '', env)
  for (const line of unreadable) {
    warn(`${file} cannot be read in line ${line}, which is left out; is a quote not closed?`)
  }
  return variableLayer('dotenv', variables, (name) => `${name} in ${file}`)
}

/** The settings tables of a TOML file in `cwd`, below `header`. */
export function tomlLayer(
  kind: 'prefect.toml' | 'pyproject.toml',
  cwd: string,
  header: readonly string[] = [],
): SettingLayer {
  const file = join(cwd, kind)
  const document = readTomlFile(file) ?? {}
  return {
    groups: false,
    find(path) {
      const names = [...header, ...path.split('.')]
      let value: unknown = document
      for (const [depth, name] of names.entries()) {
        const table = tableOf(value)
        if (table === undefined) {
          const place = `${names.slice(0, depth).join('.')} in ${file}`
          throw new ApiError(`${place} must be a table`, { code: 'INVALID_SETTING' })
        }
        value = fieldOf(table, name)
        if (value === undefined) return undefined
      }
      return { kind, value, place: `${names.join('.')} in ${file}` }
    },
  }
}

/**
 * The values of a setting out of JSON texts for its whole group. Prefect reads such a text as if its
 * values were arguments, so that one in a profile hides a single variable of the process.
 * @yields One value for each place, in the order of precedence.
 */
export function* findInGroups(
  layers: readonly SettingLayer[],
  path: string,
): Generator<FoundSetting> {
  const names = path.split('.')
  for (let depth = 1; depth < names.length; depth++) {
    const [head, rest] = [names.slice(0, depth).join('.'), names.slice(depth)]
    for (const layer of layers.filter(({ groups }) => groups)) {
      const group = layer.find(head)
      const value = group && fieldIn(group, rest)
      if (group === undefined || value === undefined) continue
      yield { kind: group.kind, value, place: `${rest.join('.')} of ${group.place}` }
    }
  }
}

/** The field of a JSON object, names in any case; `undefined` when it is not there, or the JSON is null. */
function fieldIn(group: FoundSetting, names: readonly string[]): unknown {
  let value = parseGroup(group)
  for (const name of names) {
    const table = tableOf(value)
    if (table === undefined) return undefined
    value = Object.entries(table).findLast(([key]) => key.toLowerCase() === name)?.[1]
  }
  return value
}

function parseGroup({ value, place }: FoundSetting): unknown {
  try {
    const group: unknown = typeof value === 'string' ? JSON.parse(value) : undefined
    if (group === null || tableOf(group) !== undefined) return group
  } catch {
    // Its message quotes the text.
  }
  const subject = place.charAt(0).toUpperCase() + place.slice(1)
  throw new ApiError(`${subject} must be a JSON object of settings`, { code: 'INVALID_SETTING' })
}

function variableLayer(
  kind: SettingKind,
  variables: Iterable<[string, string | undefined]>,
  placeOf: (name: string) => string,
): SettingLayer {
  const found = new Map<string, FoundSetting>()
  for (const [name, value] of variables) {
    const upper = name.toUpperCase()
    if (value === undefined || !upper.startsWith('PREFECT_')) continue
    found.set(upper, { kind, value, place: placeOf(name) })
  }
  return { groups: true, find: (path) => found.get(variableName(path)) }
}
