import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isUnknownSetting } from '../src/profile.ts'
import { matrix, type Case } from './parity/cases.ts'
import { expected, lay, ours, settingNames, type Loaded } from './parity/compare.ts'
import { differences } from './parity/differences.ts'

/** A file of this test's folder: the settings of Prefect come from the repository's own Python. */
const script = join(import.meta.dirname, 'parity/prefect_settings.py')
const python = join(import.meta.dirname, '../../../.venv/bin/python')

const full = process.env['PREFECT_TS_TRIALS'] === 'full'
const cases = matrix()
// `prefect config view` takes half a second a case: all of them only in the trials.
// The command shows other sources than Prefect loads (the tests of loading hold for these too): it looks
// variables up by their upper-case names and in the raw file, and knows no JSON groups and no test modes.
const shownOtherwise = new Set([
  '.env: "key=plain"',
  'PREFECT_API',
  'PREFECT_API in .env',
  'PREFECT_API in .env and the environment',
  'PREFECT_API in upper case',
  'PREFECT_API wins over PREFECT_API_URL',
  'PREFECT_CLIENT',
  'PREFECT_CLIENT with texts',
  'PREFECT_CLOUD',
  'PREFECT_HOME is empty',
  'PREFECT_LOGGING',
  'PREFECT_LOGGING_TO_API',
  'PREFECT_PROFILE is empty',
  ...['TEST_MODE', 'UNIT_TEST_MODE', 'TESTING_TEST_MODE', 'TESTING_UNIT_TEST_MODE'].flatMap(
    (it) => [`PREFECT_${it}: no profile`, `PREFECT_${it}, the address in the environment`],
  ),
  'a name twice',
  'a slash at the end',
  'client.custom_headers as {"X-A":"b"} in prefect.toml',
  'client.custom_headers as {} in prefect.toml',
  'names in lower case',
  'variables in prefect.toml',
])
const viewedCases = cases.filter(
  ({ name, cli, differs }) => cli || (full && differs === undefined && !shownOtherwise.has(name)),
)
const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-parity-'))
const places = cases.map((given, index) => ({ given, ...lay(given, join(folder, String(index))) }))
let loaded: Loaded[]
let names: string[]
let viewed: Map<Case, { code: number; output: string }>

beforeAll(async () => {
  const forCli = places.filter(({ given }) => viewedCases.includes(given))
  const [byLoading, byCli] = await Promise.all([ask('load', places), ask('cli', forCli)])
  ;({ results: loaded, names } = byLoading as { results: Loaded[]; names: string[] })
  const views = (byCli as { results: { code: number; output: string }[] }).results
  viewed = new Map(forCli.map(({ given }, index) => [given, views[index] ?? fail(given.name)]))
}, 1_200_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ask(
  mode: string,
  asked: { cwd: string; env: Record<string, string> }[],
): Promise<unknown> {
  const child = spawn(python, ['-W', 'ignore', script, mode], {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(JSON.stringify(asked.map(({ cwd, env }) => ({ cwd, env }))))
  const [answer, errors] = await Promise.all([readText(child.stdout), readText(child.stderr)])
  if (answer === '') throw new Error(errors.slice(-2000))
  return JSON.parse(answer)
}

function fail(name: string): never {
  throw new Error(`No answer for ${name}`)
}

describe('the same as Prefect', () => {
  test('there are at least 300 combinations', () => {
    expect(cases.length).toBeGreaterThanOrEqual(300)
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(viewedCases.length).toBeGreaterThanOrEqual(full ? 300 : 20)
  })

  test.each(places.filter(({ given }) => given.differs === undefined))('$given.name', (place) => {
    const prefect = loaded[places.indexOf(place)] ?? fail(place.given.name)
    expect(ours(place)).toEqual(expected(prefect))
  })
})

describe('on purpose not the same as Prefect', () => {
  test.each(places.filter(({ given }) => given.differs !== undefined))('$given.name', (place) => {
    const prefect = loaded[places.indexOf(place)] ?? fail(place.given.name)
    const outcome = ours(place)
    expect(outcome).toMatchObject(place.given.differs?.outcome ?? fail(place.given.name))
    expect(outcome).not.toEqual(expected(prefect))
  })

  test('no address is an error here, and none in Prefect', () => {
    const without = places.filter((_, index) => loaded[index]?.values?.['apiUrl'] === null)
    expect(without.length).toBeGreaterThan(10)
    for (const place of without.filter(({ given }) => given.differs === undefined)) {
      expect(ours(place)).toEqual({
        error: expect.stringMatching(/^(NO_API_URL|INVALID_SETTING)$/),
      })
    }
  })

  test('the README lists these differences, all of them and no other', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const [, list = ''] = /On purpose not as in Prefect:\n\n((?:- .*\n)+)/.exec(readme) ?? []
    expect(list).toBe(
      Object.values(differences)
        .map((text) => `- ${text}\n`)
        .join(''),
    )
    const used = cases.map(({ differs }) => differs?.why).filter((why) => why !== undefined)
    expect(new Set([...used, 'no-address'])).toEqual(new Set(Object.keys(differences)))
  })
})

/** What `prefect config view` prints as a source, in our words. */
const kinds: Record<string, string> = { env: 'environment', '.env file': 'dotenv' }

const viewedPlaces = places.filter(({ given }) => viewedCases.includes(given))
test.each(viewedPlaces)('prefect config view: $given.name', (place) => {
  const { code, output } = viewed.get(place.given) ?? fail(place.given.name)
  const { error, apiUrl, sources } = ours(place)
  const lines = [...output.matchAll(/^(PREFECT_\w+)='(.*)' \(from (.*)\)$/gm)]
  const shown = new Map(lines.map(([, name, , source = '']) => [name, kinds[source] ?? source]))
  const sourcesShown = Object.entries(settingNames).map(([key, name]) => [
    key,
    shown.get(name) ?? 'default',
  ])
  const address = lines.find(([, name]) => name === 'PREFECT_API_URL')?.[2]
  const outcome = error === undefined ? { apiUrl, sources } : 'an error'
  const usable = code === 0 && address !== undefined && address !== ''
  expect(outcome).toEqual(
    usable ? { apiUrl: address, sources: Object.fromEntries(sourcesShown) } : 'an error',
  )
})

test('no name that Prefect knows is warned about, and a mistake in one that is read here is', () => {
  expect(names.length).toBeGreaterThan(300)
  expect(names.filter(isUnknownSetting)).toEqual([])
  const mistakes = ['prefect_api_url', 'api.url', 'PREFECT_API_ULR', 'PREFECT_CLIENT_RETRIES']
  expect(mistakes.filter(isUnknownSetting)).toEqual(mistakes)
})
