import { profileLayer, type ProfileLayer } from './profile.ts'
import {
  dotenvLayer,
  environmentLayer,
  findInGroups,
  tomlLayer,
  type FoundSetting,
  type SettingSource,
} from './setting-layers.ts'
import type { SettingName } from './settings.ts'

/** Finds one setting by its path, remembers its source under `key`, and parses it. */
export type Lookup = <T>(
  key: SettingName | undefined,
  path: string,
  parse: (value: unknown, place: string, warn: (warning: string) => void) => T,
  fallback: T,
) => T

/** Finds a setting whose entries are found each on its own, as Prefect does with headers. */
export type LookupMerged = <T>(
  key: SettingName,
  path: string,
  parse: (value: unknown, place: string, warn: (warning: string) => void) => Record<string, T>,
) => Record<string, T>

/** Every place of settings, opened once. */
export interface Layers {
  readonly lookup: Lookup
  readonly lookupMerged: LookupMerged
  readonly profileLayer: ProfileLayer
  /** Sources of what was looked up so far. */
  readonly sources: Partial<Record<SettingName, SettingSource>>
  /** What Prefect would warn about so far. */
  readonly warnings: readonly string[]
  readonly warn: (warning: string) => void
}

/** What the places are found by. */
export interface LayersOptions {
  env: NodeJS.ProcessEnv
  cwd: string
  profile: string | undefined
  /** Name and value of each argument, by the path of its setting. */
  overrides: Readonly<Record<string, readonly [argument: string, value: unknown]>>
}

/** Opens every place of settings; throws `INVALID_SETTING` for a file that cannot be read. */
export function openLayers({ env, cwd, profile, overrides }: LayersOptions): Layers {
  const warnings: string[] = []
  const warn = (warning: string): void => void warnings.push(warning)
  const aboveProfile = [
    environmentLayer(env),
    dotenvLayer(cwd, env, warn),
    tomlLayer('prefect.toml', cwd),
    tomlLayer('pyproject.toml', cwd, ['tool', 'prefect']),
  ]
  const lastLayer = profileLayer({ profile, env, cwd, layers: aboveProfile, warn })
  const layers = [...aboveProfile, lastLayer]
  const sources: Partial<Record<SettingName, SettingSource>> = {}

  return {
    profileLayer: lastLayer,
    sources,
    warnings,
    warn,
    lookup(key, path, parse, fallback) {
      const found = findAll(path).next().value
      const { kind, place } = found ?? { kind: 'default', place: 'its default' }
      if (key !== undefined) sources[key] = { kind, place }
      return found === undefined ? fallback : parse(found.value, place, warn)
    },
    lookupMerged(key, path, parse) {
      const all = [...findAll(path)]
      const place = all.map((found) => found.place).join(' and ') || 'its default'
      sources[key] = { kind: all[0]?.kind ?? 'default', place }
      const tables = all.map((found) => parse(found.value, found.place, warn))
      return Object.assign({}, ...tables.toReversed())
    },
  }

  /** @yields Every place that has a value, in the order of precedence. */
  function* findAll(path: string): Generator<FoundSetting, undefined> {
    const [argument, value] = overrides[path] ?? []
    if (value !== undefined) yield { kind: 'argument', value, place: `the argument ${argument}` }
    yield* findInGroups(layers, path)
    for (const layer of layers) {
      const found = layer.find(path)
      if (found !== undefined) yield found
    }
    return undefined
  }
}
