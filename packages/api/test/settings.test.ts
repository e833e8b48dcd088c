import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { isApiError, resolveSettings, type ResolveSettingsOptions } from '../src/index.ts'

let cwd: string
let home: string
let profilesFile: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'prefect-ts-settings-'))
  home = join(cwd, 'home')
  profilesFile = join(home, '.prefect/profiles.toml')
  mkdirSync(join(home, '.prefect'), { recursive: true })
})

const resolve = (
  env: Record<string, string> = {},
  options: ResolveSettingsOptions = {},
): ReturnType<typeof resolveSettings> =>
  resolveSettings({ env: { HOME: home, ...env }, cwd, ...options })
const dotenv = (text: string): void => writeFileSync(join(cwd, '.env'), text)
const toml = (text: string): void => writeFileSync(join(cwd, 'prefect.toml'), text)
const pyproject = (text: string): void => writeFileSync(join(cwd, 'pyproject.toml'), text)
const profiles = (text: string): void => writeFileSync(profilesFile, text)

const url = (name: string): string => `http://${name}.example/api`

function failure(call: () => unknown): { code: string; message: string } {
  try {
    call()
  } catch (error) {
    if (isApiError(error)) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('It did not throw')
}

describe('order of places', () => {
  test('argument, environment, .env, profile: each wins over the next, for its own key', () => {
    profiles(
      `active = "a"\n[profiles.a]\nPREFECT_API_URL = "${url('profile')}"\nPREFECT_API_KEY = "key-of-profile"\nPREFECT_LOGGING_LEVEL = "debug"`,
    )
    expect(resolve().apiUrl).toBe(url('profile'))
    dotenv(`PREFECT_API_URL=${url('dotenv')}\nPREFECT_API_REQUEST_TIMEOUT=7`)
    expect(resolve().apiUrl).toBe(url('dotenv'))
    const env = { PREFECT_API_URL: url('env') }
    expect(resolve(env).apiUrl).toBe(url('env'))
    const settings = resolve(env, { overrides: { apiUrl: url('argument') } })
    expect(settings).toMatchObject({
      apiUrl: url('argument'),
      requestTimeoutMs: 7000,
      loggingLevel: 'DEBUG',
    })
    expect(settings.apiKey?.reveal()).toBe('key-of-profile')
    expect(settings.sources).toMatchObject({
      apiUrl: { kind: 'argument', place: 'the argument apiUrl' },
      requestTimeoutMs: {
        kind: 'dotenv',
        place: `PREFECT_API_REQUEST_TIMEOUT in ${join(cwd, '.env')}`,
      },
      apiKey: { kind: 'profile', place: `PREFECT_API_KEY in profile "a" of ${profilesFile}` },
      loggingToApiEnabled: { kind: 'default' },
    })
    expect(resolve(env).sources.apiUrl.place).toBe('environment variable PREFECT_API_URL')
  })

  test('an empty text counts as set: it hides the profile', () => {
    profiles(`active = "a"\n[profiles.a]\nPREFECT_API_KEY = "key-of-profile"`)
    const settings = resolve({ PREFECT_API_URL: url('env'), PREFECT_API_KEY: '' })
    expect(settings.apiKey).toBeUndefined()
    expect(settings.sources.apiKey.kind).toBe('environment')
  })

  test('names count in any case in the environment and .env; in a profile in upper case only', () => {
    expect(resolve({ prefect_api_url: url('env') }).apiUrl).toBe(url('env'))
    dotenv(`Prefect_Api_Url=${url('dotenv')}`)
    expect(resolve().apiUrl).toBe(url('dotenv'))
    dotenv('')
    profiles(`active = "a"\n[profiles.a]\nprefect_api_url = "${url('profile')}"`)
    expect(failure(resolve).code).toBe('NO_API_URL')
  })
})

describe('files of the working folder', () => {
  test('.env wins over prefect.toml, that over pyproject.toml, that over the profile', () => {
    profiles(`active = "a"\n[profiles.a]\nPREFECT_API_URL = "${url('profile')}"`)
    pyproject(
      `[tool.prefect.api]\nurl = "${url('pyproject')}"\n[tool.prefect.client]\nmax_retries = 2`,
    )
    expect(resolve().apiUrl).toBe(url('pyproject'))
    toml(`[api]\nurl = "${url('toml')}"\nkey = ""`)
    const settings = resolve()
    expect(settings).toMatchObject({ apiUrl: url('toml'), apiKey: undefined, maxRetries: 2 })
    expect(settings.sources).toMatchObject({
      apiUrl: { kind: 'prefect.toml', place: `api.url in ${join(cwd, 'prefect.toml')}` },
      maxRetries: {
        kind: 'pyproject.toml',
        place: `tool.prefect.client.max_retries in ${join(cwd, 'pyproject.toml')}`,
      },
    })
    dotenv(`PREFECT_API_URL=${url('dotenv')}`)
    expect(resolve().apiUrl).toBe(url('dotenv'))
  })

  test('headers of several places are merged, each from the first place that has it', () => {
    toml('[client.custom_headers]\nX-A = "toml"\nX-B = "toml"')
    const env = {
      PREFECT_API_URL: url('env'),
      PREFECT_CLIENT_CUSTOM_HEADERS: '{"X-A": "env", "User-Agent": "me"}',
    }
    const { customHeaders, sources, warnings } = resolve(env, {
      overrides: { customHeaders: { 'x-c': 'argument' } },
    })
    const values = Object.entries(customHeaders).map(([name, value]) => [name, value.reveal()])
    expect(Object.fromEntries(values)).toEqual({ 'x-a': 'env', 'x-b': 'toml', 'x-c': 'argument' })
    expect(sources.customHeaders.kind).toBe('argument')
    expect(sources.customHeaders.place).toContain(
      'the argument customHeaders and environment variable PREFECT_CLIENT_CUSTOM_HEADERS and client.custom_headers in ',
    )
    expect(warnings).toEqual([
      'The header user-agent in environment variable PREFECT_CLIENT_CUSTOM_HEADERS is left out: this client sets it itself',
    ])
  })

  test.each([
    ['prefect.toml', 'api.key = c4nary', /prefect\.toml is not valid TOML in line 1, column \d+$/],
    [
      'pyproject.toml',
      '[a]\nb = "c4nary',
      /pyproject\.toml is not valid TOML in line 2, column \d+$/,
    ],
    ['prefect.toml', 'api = "c4nary"', /^api in .*prefect\.toml must be a table$/],
    ['prefect.toml', '[api]\nkey = ["c4nary"]', /^Api\.key in .*prefect\.toml must be a text$/],
    ['.env', "PREFECT_API='c4nary'", /^PREFECT_API in .*\.env must be a JSON object of settings$/],
    [
      '.env',
      "PREFECT_API_KEY='c4nary\nx'",
      /^PREFECT_API_KEY in .*\.env contains a line break or NUL$/,
    ],
  ])('a bad value in %s: its file and name, and nothing of it', (file, text, expected) => {
    writeFileSync(join(cwd, file), text)
    const { code, message } = failure(() => resolve({ PREFECT_API_URL: url('env') }))
    expect(code).toBe('INVALID_SETTING')
    expect(message).toMatch(expected)
    expect(message).not.toContain('c4nary')
  })
})

describe('warnings', () => {
  test('tell what has no effect, with its place', () => {
    profiles('active = "a"\n[profiles.a]\nPREFECT_API_ULR = "x"\nPREFECT_UI_URL = "y"')
    dotenv('PREFECT_API_KEY="open')
    const { warnings } = resolve({ PREFECT_API_URL: 'https://app.prefect.cloud/account/a' })
    expect(warnings).toEqual([
      `${join(cwd, '.env')} cannot be read in line 1, which is left out; is a quote not closed?`,
      `PREFECT_API_ULR in profile "a" of ${profilesFile} is not a setting of Prefect, and has no effect`,
      expect.stringMatching(
        /^PREFECT_API_URL points to app\.prefect\.cloud.*\/accounts\/ \(from environment variable PREFECT_API_URL\)$/,
      ),
    ])
    expect(resolve({ PREFECT_API_URL: url('x'), PREFECT_PROFILE: 'nope' }).warnings).toContainEqual(
      expect.stringContaining('Profile "nope", chosen by environment variable PREFECT_PROFILE'),
    )
  })
})

describe('.env', () => {
  test('export, quotes, comments, a byte order mark and ${NAME} are understood', () => {
    dotenv(
      '\uFEFFexport HOST=inner.example # a comment\nPREFECT_API_URL="http://${HOST}:${PORT:-4200}/${BASE}"\n' +
        "PREFECT_API_AUTH_STRING='me:pass#word'",
    )
    const settings = resolve({ BASE: 'api' })
    expect(settings.apiUrl).toBe('http://inner.example:4200/api')
    expect(settings.authString?.reveal()).toBe('me:pass#word')
  })

  test('only the one of the working folder; a folder called .env is not one', () => {
    dotenv('PREFECT_API_URL=http://above.example/api')
    const below = join(cwd, 'below')
    mkdirSync(join(below, '.env'), { recursive: true })
    expect(failure(() => resolve({}, { cwd: below })).code).toBe('NO_API_URL')
  })
})

describe('profiles', () => {
  const two = `active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://a.example/api"\n[profiles.b]\nPREFECT_API_URL = "http://b.example/api"`

  test('the argument wins over PREFECT_PROFILE, that over the active one; an empty name is none', () => {
    profiles(two)
    expect(resolve().apiUrl).toBe('http://a.example/api')
    expect(resolve({ PREFECT_PROFILE: '' }).apiUrl).toBe('http://a.example/api')
    expect(resolve({ PREFECT_PROFILE: 'b' }).apiUrl).toBe('http://b.example/api')
    expect(resolve({ PREFECT_PROFILE: 'b' }, { profile: 'a' }).apiUrl).toBe('http://a.example/api')
  })

  test.each([
    ['PREFECT_PROFILES_PATH', () => ({ PREFECT_PROFILES_PATH: join(cwd, 'mine.toml') })],
    ['~', () => ({ PREFECT_PROFILES_PATH: '~/../mine.toml' })],
    [
      '$PREFECT_HOME',
      () => ({ PREFECT_HOME: cwd, PREFECT_PROFILES_PATH: '$PREFECT_HOME/mine.toml' }),
    ],
  ])('the file is found by %s', (_, env) => {
    writeFileSync(join(cwd, 'mine.toml'), two)
    expect(resolve(env()).apiUrl).toBe('http://a.example/api')
  })

  test('the file is found in PREFECT_HOME, given by the environment or .env', () => {
    const other = join(cwd, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'profiles.toml'), two)
    expect(resolve({ PREFECT_HOME: other }).apiUrl).toBe('http://a.example/api')
    dotenv(`PREFECT_HOME=${other}`)
    expect(resolve().apiUrl).toBe('http://a.example/api')
  })

  test('without a file Prefect has its built-in ones', () => {
    expect(resolve({ PREFECT_PROFILE: 'local' }).apiUrl).toBe('http://127.0.0.1:4200/api')
  })

  test('an unknown profile is an error that names who chose it and what there is', () => {
    profiles(two)
    const { code, message } = failure(() => resolve({ PREFECT_PROFILE: 'nope' }))
    expect(code).toBe('INVALID_SETTING')
    expect(message).toBe(
      `Profile "nope", chosen by environment variable PREFECT_PROFILE, does not exist in ${profilesFile}, which has: a, b`,
    )
    profiles(two.replace('"a"', '"gone"'))
    expect(failure(resolve).message).toContain(
      `Profile "gone", chosen by active in ${profilesFile}`,
    )
  })

  test('one that only the environment chose does not matter when the address stands elsewhere', () => {
    profiles(two)
    const env = { PREFECT_PROFILE: 'nope', PREFECT_API_URL: 'http://env.example/api' }
    expect(resolve(env).apiUrl).toBe('http://env.example/api')
    expect(failure(() => resolve(env, { profile: 'nope' })).code).toBe('INVALID_SETTING')
  })

  test('broken TOML: the file and line, and nothing of its content', () => {
    profiles('active = "a"\n[profiles.a]\nPREFECT_API_KEY = pnu_verysecret')
    const { code, message } = failure(resolve)
    expect(code).toBe('INVALID_SETTING')
    expect(message).toMatch(/profiles\.toml is not valid TOML in line 3, column \d+$/)
  })

  test('a profile called __proto__ or constructor is as unknown as any other', () => {
    profiles(two)
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(failure(() => resolve({ PREFECT_PROFILE: name })).code).toBe('INVALID_SETTING')
    }
  })
})

describe('no address', () => {
  test('nowhere: says where it looked and what to do', () => {
    const { code, message } = failure(resolve)
    expect(code).toBe('NO_API_URL')
    expect(message).toContain(
      `neither the environment nor .env, prefect.toml or pyproject.toml in ${cwd} sets PREFECT_API_URL`,
    )
    expect(message).toContain('Set PREFECT_API_URL to the address of a running server')
  })

  test('empty: names the place', () => {
    const empty = failure(() => resolve({ PREFECT_API_URL: '' }))
    expect(empty.code).toBe('NO_API_URL')
    expect(empty.message).toContain('environment variable PREFECT_API_URL is empty')
    dotenv('PREFECT_API_URL=')
    expect(failure(resolve).message).toContain(`PREFECT_API_URL in ${join(cwd, '.env')} is empty`)
  })
})

test('SSL_CERT_FILE is a default from the process; who the process runs for too', () => {
  const env = {
    PREFECT_API_URL: url('x'),
    SSL_CERT_FILE: '/ca.pem',
    PREFECT__FLOW_NAME: ' my flow\t',
  }
  const settings = resolve(env)
  expect(settings.sslCertFile).toBe('/ca.pem')
  expect(settings.sources.sslCertFile).toEqual({
    kind: 'default',
    place: 'environment variable SSL_CERT_FILE',
  })
  expect(settings.attribution).toMatchObject({ flowName: 'my flow', workerId: undefined })
  profiles('active = "a"\n[profiles.a]\nPREFECT_API_SSL_CERT_FILE = "/mine.pem"')
  expect(resolve(env).sslCertFile).toBe('/mine.pem')
})

describe('values', () => {
  const base = { PREFECT_API_URL: 'http://x.example/api' }

  test.each(['1', 'TRUE', 't', 'Yes', 'on'])('%s is true', (text) => {
    expect(resolve({ ...base, PREFECT_LOGGING_TO_API_ENABLED: text }).loggingToApiEnabled).toBe(
      true,
    )
  })

  test.each(['0', 'False', 'F', 'no', 'OFF'])('%s is false', (text) => {
    expect(resolve({ ...base, PREFECT_LOGGING_TO_API_ENABLED: text }).loggingToApiEnabled).toBe(
      false,
    )
  })

  test('user and password leave the address', () => {
    const settings = resolve({
      PREFECT_API_URL: 'https://me:p%40ss-word@x.example:8443/base/api//',
    })
    expect(settings.apiUrl).toBe('https://x.example:8443/base/api')
    expect(settings.urlUserinfo?.reveal()).toBe('me:p@ss-word')
  })

  test('on Prefect Cloud log lines are shorter', () => {
    const cloud = { PREFECT_API_URL: 'https://api.prefect.cloud/api/accounts/a/workspaces/b' }
    expect(resolve(cloud).loggingMaxLogSize).toBe(25_000)
    expect(resolve(base).loggingMaxLogSize).toBe(1_000_000)
  })

  test.each([
    ['PREFECT_API_URL', 'c4nary-no-url'],
    ['PREFECT_API_URL', 'ftp://me:c4nary@x.example/api'],
    ['PREFECT_API_URL', 'http://me:c4nary@x.example/api?key=c4nary'],
    ['PREFECT_API_URL', 'http://me:c4nary%ff@x.example/api'],
    ['PREFECT_API_KEY', 'c4nary\nkey'],
    ['PREFECT_API_KEY', 'c4nary\0'],
    ['PREFECT_API_REQUEST_TIMEOUT', 'c4nary'],
    ['PREFECT_API_REQUEST_TIMEOUT', '0'],
    ['PREFECT_API_REQUEST_TIMEOUT', ''],
    ['PREFECT_LOGGING_TO_API_ENABLED', 'c4nary'],
    ['PREFECT_LOGGING_TO_API_MAX_LOG_SIZE', '1.5'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '{"x": c4nary}'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', ''],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '["c4nary"]'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '{"x": {"c4nary": 1}}'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '{"x": "c4nary\\r\\nHost: evil"}'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '{"c4nary x": "y"}'],
    ['PREFECT_CLIENT_CUSTOM_HEADERS', '{"Content-Length": "1"}'],
  ])('%s that cannot be used: the place is named, the value is not', (name, value) => {
    const { code, message } = failure(() => resolve({ ...base, [name]: value }))
    expect(code).toBe('INVALID_SETTING')
    expect(message).toContain(`nvironment variable ${name}`)
    expect(message).not.toContain('c4nary')
  })

  test('printing the settings shows no credential', () => {
    const settings = resolve({
      PREFECT_API_URL: 'http://me:c4nary-url@x.example/api',
      PREFECT_API_KEY: 'c4nary-key',
      PREFECT_API_AUTH_STRING: 'me:c4nary-auth',
      PREFECT_CLIENT_CUSTOM_HEADERS: '{"X-Access-Token": "c4nary-header"}',
    })
    expect(
      inspect(settings, { depth: 9, showHidden: true }) + JSON.stringify(settings),
    ).not.toContain('c4nary')
  })
})
