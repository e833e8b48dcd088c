import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ApiError } from './errors.ts'
import { loadToml } from './lazy.ts'
import { readSettingsFile, type SettingLayer } from './setting-layers.ts'

/** What profiles are found by. */
export interface ProfileContext {
  /** Name asked for by the caller. */
  profile: string | undefined
  /** Process variables. */
  env: NodeJS.ProcessEnv
  /** Folder that relative paths start from. */
  cwd: string
  /** Value of a variable from the layers above the profile. */
  find: (name: string) => string | undefined
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
    cloud: {},
    test: {},
  },
}

/** Settings of the active profile: `profile`, else `PREFECT_PROFILE`, else the file's `active`. */
export function profileLayer(context: ProfileContext): ProfileLayer {
  const file = profilesPath(context)
  const text = readSettingsFile(file)
  const where = text === undefined ? `Prefect's built-in profiles (no file ${file})` : file
  const document = text === undefined ? builtInProfiles : parseProfiles(text, file)
  const profiles = tableOf(document['profiles']) ?? {}

  const chosen = [
    { name: context.profile, by: 'the argument profile' },
    { name: context.env['PREFECT_PROFILE'], by: 'environment variable PREFECT_PROFILE' },
    { name: document['active'], by: `active in ${file}` },
  ].find(({ name }) => typeof name === 'string' && name !== '')
  const name = typeof chosen?.name === 'string' ? chosen.name : 'ephemeral'
  const table = Object.hasOwn(profiles, name) ? tableOf(profiles[name]) : undefined
  const known = Object.keys(profiles).join(', ') || 'none'

  return {
    kind: 'profile',
    description: `profile "${name}" of ${where}`,
    problem:
      table === undefined && chosen !== undefined
        ? `Profile "${name}", chosen by ${chosen.by}, does not exist in ${where}, which has: ${known}`
        : undefined,
    get(setting) {
      const value =
        table !== undefined && Object.hasOwn(table, setting) ? table[setting] : undefined
      if (value === undefined) return undefined
      if (typeof value === 'string') return value
      if (typeof value === 'number' || typeof value === 'boolean') return String(value)
      throw new ApiError(`${this.place(setting)} is not a text; write it in quotes`, {
        code: 'INVALID_SETTING',
      })
    },
    place: (setting) => `${setting} in profile "${name}" of ${where}`,
  }
}

/** Expanded once and used for name and values alike, where Prefect takes them from two places. */
function profilesPath({ env, cwd, find }: ProfileContext): string {
  const home = env['HOME'] ?? homedir()
  const expand = (path: string): string => resolve(cwd, path.replace(/^~(?=\/|$)/, home))
  const prefectHome = expand(find('PREFECT_HOME') || join(home, '.prefect'))
  const given = find('PREFECT_PROFILES_PATH')
  if (!given) return join(prefectHome, 'profiles.toml')
  return expand(given.replace(/\$PREFECT_HOME\b|\$\{PREFECT_HOME\}/g, () => prefectHome))
}

function parseProfiles(text: string, file: string): Record<string, unknown> {
  const { parse, TomlError } = loadToml()
  try {
    return parse(text)
  } catch (error) {
    // The parser's message quotes the lines, which may hold a key: neither message nor cause passes it on.
    const line = error instanceof TomlError ? ` in line ${error.line}, column ${error.column}` : ''
    throw new ApiError(`${file} is not valid TOML${line}`, { code: 'INVALID_SETTING' })
  }
}

function tableOf(value: unknown): Record<string, unknown> | undefined {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isTable ? (value as Record<string, unknown>) : undefined
}
