import type { DifferenceId } from './differences.ts'

/** One combination of places. `$DIR` stands for the folder of the case, which is its working folder. */
export interface Case {
  readonly name: string
  readonly env?: Record<string, string>
  /** Files by their path below the folder; `home/` is the home folder. */
  readonly files?: Record<string, string>
  /** Set when this package is to give something else than Prefect: a part of its outcome. */
  readonly differs?: { readonly why: DifferenceId; readonly outcome: Record<string, unknown> }
  /** Whether the real `prefect config view` runs as well. */
  readonly cli?: boolean
}

/** The places in which the same settings are written, each in its own way. */
const places = ['env', '.env', 'prefect.toml', 'pyproject.toml', 'profile'] as const
type Place = (typeof places)[number]
type Values = Partial<Record<Place, Record<string, unknown>>>

const fails = (why: DifferenceId): Pick<Case, 'differs'> => ({
  differs: { why, outcome: { error: 'INVALID_SETTING' } },
})
const pathsDiffer = (outcome: Record<string, unknown>): Pick<Case, 'differs'> => ({
  differs: { why: 'profiles-path', outcome },
})
const profilesFile = 'home/.prefect/profiles.toml'
const url = (name: string): string => `http://${name}.example/api`
const variable = (path: string): string => `PREFECT_${path.replaceAll('.', '_').toUpperCase()}`

/** TOML of a value; a JSON text of a string is a TOML text. */
function toml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, it]) => `${JSON.stringify(key)} = ${toml(it)}`)
    .join(', ')}}`
}

function tomlTables(values: Record<string, unknown>, header: string): string {
  const lines = Object.entries(values).map(([path, value]) => {
    const names = path.split('.')
    return `[${header}${names.slice(0, -1).join('.')}]\n${names.at(-1)} = ${toml(value)}\n`
  })
  // One table may stand once only.
  const tables = new Map<string, string>()
  for (const text of lines) {
    const [head = '', line = ''] = text.split('\n')
    tables.set(head, `${tables.get(head) ?? ''}${line}\n`)
  }
  return [...tables].map(([head, body]) => `${head}\n${body}`).join('')
}

/** The environment and the files that hold these values. */
function write(values: Values): Pick<Case, 'env' | 'files'> {
  const named = (place: Place): [string, unknown][] =>
    Object.entries(values[place] ?? {}).map(([path, value]) => [variable(path), value])
  const files: Record<string, string> = {}
  if (values['.env']) {
    files['.env'] = named('.env')
      .map(([name, value]) => `${name}='${String(value)}'\n`)
      .join('')
  }
  if (values['prefect.toml']) files['prefect.toml'] = tomlTables(values['prefect.toml'], '')
  if (values['pyproject.toml']) {
    const tables = tomlTables(values['pyproject.toml'], 'tool.prefect.')
    files['pyproject.toml'] = `[project]\nname = "x"\n${tables}`
  }
  if (values.profile) {
    const lines = named('profile').map(([name, value]) => `${name} = ${toml(value)}\n`)
    files[profilesFile] = `active = "mine"\n[profiles.mine]\n${lines.join('')}`
  }
  return { env: Object.fromEntries(named('env')) as Record<string, string>, files }
}

/** Every subset of the places, for settings of four types: who wins. */
function precedence(): Case[] {
  const valuesOf: Record<string, (index: number) => unknown> = {
    'api.url': (index) => url(`place${index}`),
    'api.key': (index) => `key-of-place-${index}`,
    'client.max_retries': (index) => String(10 + index),
    'logging.to_api.enabled': (index) => (index % 2 === 0 ? 'false' : 'true'),
  }
  return Object.entries(valuesOf).flatMap(([path, valueOf]) =>
    Array.from({ length: 2 ** places.length }, (_, subset) => {
      const values: Values = path === 'api.url' ? {} : { env: { 'api.url': url('base') } }
      const present = places.filter((_place, index) => subset & (2 ** index))
      for (const place of present) {
        values[place] = { ...values[place], [path]: valueOf(places.indexOf(place)) }
      }
      const name = `${path} in ${present.join(', ') || 'no place'}`
      return { name, ...write(values), cli: path === 'api.key' && subset % 8 === 0 }
    }),
  )
}

const numbers = [
  '5',
  ' 5 ',
  '+5',
  '5.0',
  '05',
  '1_000',
  '0',
  '٣',
  '5.',
  '.5',
  '1e3',
  '1__0',
  '-1',
  '0x10',
  'inf',
  'nan',
  'true',
  '',
  ' ',
]
const tomlNumbers = [5, 5.5, true, false, 0, [], '7', ' 7 ', '']
const truths = [
  '1',
  'true',
  'TRUE',
  'T',
  'Yes',
  'y',
  'on',
  '0',
  'False',
  'f',
  'no',
  'N',
  'OFF',
  ' true',
  '1.0',
  '2',
  'maybe',
  '',
]
const tomlTruths = [true, false, 1, 0, 'on', 2, '']
const statuses = [
  '',
  '404',
  '404, 500',
  '[404,500]',
  '[]',
  '404,,500',
  ' ',
  '404.0',
  '4_04',
  '99',
  '600',
  '"404,500"',
  '{"404": 1}',
  'null',
  '0',
  'true',
  '["404", 500.0]',
  '[404.5]',
  '500,404,404',
  '4e2',
]
const tomlStatuses = [404, [404, 500], ['404'], [], '404, 500', '', 0, 99, [true]]
const headers = [
  '{}',
  '{"X-A": "b"}',
  '{"a": 1}',
  '[]',
  'null',
  '"x"',
  '',
  '{"a": null}',
  '{x',
  '{"Authorization": "Bearer t0ken"}',
]
const levels = ['debug', 'Warning', 'CRITICAL', 'trace', 'WARN', ' INFO', '']
const factors = ['0.5', '.5', '5.', '1e-1', '1_0.5', 'inf', 'nan', '-0.1', '-0', '']

/** A case for each value. */
function inPlace(place: Place, path: string, list: readonly unknown[]): Case[] {
  return list.map((value) => {
    const values: Values = { env: { 'api.url': url('base') } }
    values[place] = { ...values[place], [path]: value }
    const name = `${path} as ${JSON.stringify(value)} in ${place}`
    const isNull = value === 'null' && place === 'env'
    return {
      name,
      ...write(values),
      ...(isNull && {
        differs: { why: 'no-null' as const, outcome: { error: 'INVALID_SETTING' } },
      }),
    }
  })
}

/** Every form of a value, one to a case, since one bad value spoils the rest. */
function forms(): Case[] {
  return [
    ...inPlace('env', 'client.max_retries', numbers),
    ...inPlace('prefect.toml', 'client.max_retries', tomlNumbers),
    ...inPlace('profile', 'client.max_retries', tomlNumbers),
    ...inPlace('env', 'client.retry_jitter_factor', factors),
    ...inPlace('env', 'api.tls_insecure_skip_verify', truths),
    ...inPlace('pyproject.toml', 'client.csrf_support_enabled', tomlTruths),
    ...inPlace('profile', 'logging.to_api.enabled', tomlTruths),
    ...inPlace('env', 'client.retry_extra_codes', statuses),
    ...inPlace('.env', 'client.retry_extra_codes', statuses.slice(0, 6)),
    ...inPlace('prefect.toml', 'client.retry_extra_codes', tomlStatuses),
    ...inPlace('profile', 'client.retry_extra_codes', tomlStatuses),
    ...inPlace('env', 'client.custom_headers', headers),
    ...inPlace('prefect.toml', 'client.custom_headers', [...headers, { 'X-A': 'b' }, {}, { a: 1 }]),
    ...inPlace('profile', 'client.custom_headers', [...headers, { 'X-A': 'b' }]),
    ...inPlace('env', 'logging.level', levels),
    ...inPlace('env', 'api.request_timeout', ['30', '0.5', '1e1', 'inf', '', 'x']),
    ...inPlace('prefect.toml', 'api.request_timeout', [30, 0.25, '7']),
    ...inPlace('prefect.toml', 'api.key', ['k3y-in-toml', '', 5, true]),
    ...inPlace('profile', 'api.url', ['http://x.example/api', '', 5]),
    ...inPlace('env', 'api.ssl_cert_file', ['/x/ca.pem', '']),
    ...inPlace('env', 'api.auth_string', ['me:pass:word', 'me', '']),
    ...inPlace('env', 'cloud.api_url', ['http://base.example', '']),
  ]
}

/** `.env` syntax: the password that arrives. */
function dotenvForms(): Case[] {
  const lines = [
    'KEY=plain',
    'KEY=pa#ss',
    'KEY=pa #ss',
    'KEY="pa#ss" # c',
    "KEY='pa#ss'",
    'KEY= pa ss  ',
    'KEY=#pass',
    'KEY= #pass',
    'KEY="a\\nb"',
    "KEY='a\\nb'",
    'KEY="a\\"b"',
    "KEY='a\\'b'",
    'KEY="a\\\\b"',
    'KEY="a\\tb"',
    'KEY=a\\nb',
    'KEY=`a b`',
    'KEY="open',
    "KEY='open",
    'export KEY=plain',
    'export\tKEY=plain',
    'KEY: plain',
    'KEY',
    'KEY=',
    "'KEY'=plain",
    'key=plain',
    'KEY=a\nkey=b',
    'KEY=a\r\n',
    '\uFEFFKEY=a',
    'X=1\nKEY=${X}',
    'KEY=${HOME_X}',
    'KEY=${NOPE:-d}',
    "KEY='${HOME_X}'",
    'KEY=$HOME_X',
    'KEY=${NOPE}',
    'KEY="x" y',
    'KEY="two\nlines"x',
    'KEY = a',
    'KEY=pä€😀',
    'KEY=a\nKEY',
  ]
  return lines.map((line) => ({
    name: `.env: ${JSON.stringify(line)}`,
    env: { PREFECT_API_URL: url('base'), HOME_X: 'from-env' },
    files: {
      '.env': line.replaceAll('KEY', 'PREFECT_API_KEY').replaceAll('key', 'prefect_api_key'),
      [profilesFile]: 'active = "mine"\n[profiles.mine]\nPREFECT_API_KEY = "of-profile"\n',
    },
    ...(line === 'KEY="a\\nb"' && {
      differs: { why: 'checked-credentials' as const, outcome: { error: 'INVALID_SETTING' } },
    }),
  }))
}

/** Which profile, of which file. */
function profileCases(): Case[] {
  const two = `active = "a"\n[profiles.a]\nPREFECT_API_URL = "${url('a')}"\n[profiles.b]\nPREFECT_API_URL = "${url('b')}"\nPREFECT_API_KEY = "key-of-b"\n`
  const user = { [profilesFile]: two }
  const other = { 'other/profiles.toml': two.replaceAll('.example', '.other') }
  const builtIn = {
    differs: { why: 'built-in-profiles', outcome: { apiUrl: 'http://127.0.0.1:4200/api' } },
  } as const
  const unknown = { differs: { why: 'no-address', outcome: { error: 'INVALID_SETTING' } } } as const
  return [
    { name: 'the active profile', files: user, cli: true },
    { name: 'PREFECT_PROFILE', env: { PREFECT_PROFILE: 'b' }, files: user, cli: true },
    { name: 'PREFECT_PROFILE is empty', env: { PREFECT_PROFILE: '' }, files: user },
    { name: 'PREFECT_PROFILE in .env', files: { ...user, '.env': 'PREFECT_PROFILE=b' } },
    {
      name: 'PREFECT_PROFILE is unknown',
      env: { PREFECT_PROFILE: 'nope' },
      files: user,
      cli: true,
    },
    {
      name: 'PREFECT_PROFILE is unknown, the address in the environment',
      env: { PREFECT_PROFILE: 'nope', PREFECT_API_URL: url('x') },
      files: user,
    },
    {
      name: 'active is unknown',
      files: { [profilesFile]: two.replace('"a"', '"gone"') },
    },
    { name: 'no active', files: { [profilesFile]: two.replace('active = "a"', '') } },
    { name: 'PREFECT_PROFILE=local without a file', env: { PREFECT_PROFILE: 'local' }, cli: true },
    { name: 'PREFECT_PROFILE=cloud without a file', env: { PREFECT_PROFILE: 'cloud' } },
    { name: 'PREFECT_PROFILE=test without a file', env: { PREFECT_PROFILE: 'test' } },
    {
      name: 'PREFECT_PROFILE=local, which the file has not',
      env: { PREFECT_PROFILE: 'local' },
      files: user,

      ...unknown,
    },
    { name: 'nothing at all', cli: true },
    { name: 'an empty profiles file', files: { [profilesFile]: '' } },
    {
      name: 'PREFECT_PROFILES_PATH',
      env: { PREFECT_PROFILES_PATH: '$DIR/other/profiles.toml' },
      files: { ...user, ...other },
      cli: true,
    },
    {
      name: 'PREFECT_PROFILES_PATH, relative',
      env: { PREFECT_PROFILES_PATH: 'other/profiles.toml' },
      files: other,
    },
    {
      name: 'PREFECT_PROFILES_PATH is empty',
      env: { PREFECT_PROFILES_PATH: '' },
      files: user,
      ...pathsDiffer({ apiUrl: url('a') }),
    },
    {
      name: 'PREFECT_PROFILES_PATH in .env',
      files: { ...user, ...other, '.env': 'PREFECT_PROFILES_PATH=other/profiles.toml' },
      cli: true,
    },
    {
      name: 'PREFECT_PROFILES_PATH in prefect.toml',
      files: { ...user, ...other, 'prefect.toml': 'profiles_path = "other/profiles.toml"' },
      cli: true,
    },
    {
      name: 'PREFECT_PROFILES_PATH in pyproject.toml',
      files: {
        ...user,
        ...other,
        'pyproject.toml': '[tool.prefect]\nprofiles_path = "other/profiles.toml"',
      },
    },
    {
      name: 'PREFECT_PROFILES_PATH wins over PREFECT_HOME',
      env: { PREFECT_HOME: '$DIR/home/.prefect', PREFECT_PROFILES_PATH: 'other/profiles.toml' },
      files: { ...user, ...other },
    },
    {
      name: 'PREFECT_PROFILES_PATH with $PREFECT_HOME',
      env: { PREFECT_HOME: '$DIR/other', PREFECT_PROFILES_PATH: '$PREFECT_HOME/profiles.toml' },
      files: other,
      ...pathsDiffer({ apiUrl: 'http://a.other/api' }),
    },
    {
      name: 'PREFECT_PROFILES_PATH with ~',
      env: { PREFECT_PROFILES_PATH: '~/.prefect/profiles.toml' },
      files: user,
      ...pathsDiffer({ apiUrl: url('a') }),
    },
    {
      name: 'PREFECT_HOME',
      env: { PREFECT_HOME: '$DIR/other' },
      files: { ...user, ...other },
      cli: true,
    },
    { name: 'PREFECT_HOME is empty', env: { PREFECT_HOME: '' }, files: user },
    {
      name: 'PREFECT_HOME with ~',
      env: { PREFECT_HOME: '~/.prefect' },
      files: user,
      ...pathsDiffer({ apiUrl: url('a') }),
    },
    {
      name: 'PREFECT_HOME in .env',
      files: { ...user, ...other, '.env': 'PREFECT_HOME=$DIR/other' },
      ...pathsDiffer({ apiUrl: 'http://a.other/api' }),
    },
    {
      name: 'PREFECT_HOME in prefect.toml',
      files: { ...user, ...other, 'prefect.toml': 'home = "$DIR/other"' },
      ...pathsDiffer({ apiUrl: 'http://a.other/api' }),
    },
    {
      name: 'PREFECT_HOME without a file, PREFECT_PROFILE=local',
      env: { PREFECT_HOME: '$DIR/new', PREFECT_PROFILE: 'local' },
      ...builtIn,
    },
    {
      name: 'PREFECT_PROFILES_PATH without a file, PREFECT_PROFILE=local',
      env: { PREFECT_PROFILES_PATH: '$DIR/no.toml', PREFECT_PROFILE: 'local' },
      ...builtIn,
    },
    ...[
      'PREFECT_TEST_MODE',
      'PREFECT_UNIT_TEST_MODE',
      'PREFECT_TESTING_TEST_MODE',
      'PREFECT_TESTING_UNIT_TEST_MODE',
    ].flatMap((name) => [
      { name: `${name}: no profile`, env: { [name]: '1' }, files: user },
      {
        name: `${name}, the address in the environment`,
        env: { [name]: '1', PREFECT_API_URL: url('x'), PREFECT_PROFILE: 'b' },
        files: user,
      },
    ]),
    {
      name: 'an empty test mode is none',
      env: { PREFECT_UNIT_TEST_MODE: '' },
      files: user,
      differs: { why: 'read-settings', outcome: { apiUrl: url('a') } },
    },
    {
      name: 'debug mode',
      env: { PREFECT_API_URL: url('x'), PREFECT_DEBUG_MODE: '1', PREFECT_LOGGING_LEVEL: 'ERROR' },
    },
    {
      name: 'lower-case keys in a profile',
      files: { [profilesFile]: `active = "a"\n[profiles.a]\nprefect_api_url = "${url('a')}"\n` },
    },
    {
      name: 'unknown keys in a profile',
      env: { PREFECT_API_URL: url('x') },
      files: {
        [profilesFile]:
          'active = "a"\n[profiles.a]\nPREFECT_API_ULR = "x"\nprefect_api_key = "x"\nPREFECT_UI_URL = "http://ok"\nPREFECT_CLIENT_RETRIES = 3\nPREFECT_API_DATABASE_ECHO = "1"\n',
      },
      cli: true,
    },
    {
      name: 'a broken profiles file',
      env: { PREFECT_API_URL: url('x') },
      files: { [profilesFile]: 'active = "a"\n[profiles.a]\nPREFECT_API_KEY = oops' },
      cli: true,
    },
    {
      name: 'a broken prefect.toml',
      env: { PREFECT_API_URL: url('x') },
      files: { 'prefect.toml': 'api = ' },
      cli: true,
    },
    {
      name: 'a broken pyproject.toml',
      env: { PREFECT_API_URL: url('x') },
      files: { 'pyproject.toml': '[[[' },
    },
    {
      name: 'a byte order mark in prefect.toml',
      files: { 'prefect.toml': `\uFEFF[api]\nurl = "${url('x')}"` },
      differs: { why: 'lenient-profiles', outcome: { apiUrl: url('x') } },
    },
    {
      name: 'api is no table',
      env: { PREFECT_API_URL: url('x') },
      files: { 'prefect.toml': 'api = 5' },
    },
    {
      name: 'tool.prefect is no table',
      env: { PREFECT_API_URL: url('x') },
      files: { 'pyproject.toml': '[tool]\nprefect = 5' },
    },
    {
      name: 'no tool.prefect',
      env: { PREFECT_API_URL: url('x') },
      files: { 'pyproject.toml': '[tool.other]\nx = 5' },
    },
    {
      name: 'variables in prefect.toml',
      env: { PREFECT_API_URL: url('x') },
      files: { 'prefect.toml': 'PREFECT_API_KEY = "x"\napi_key = "x"\n[api]\nunknown = 1' },
    },
    {
      name: 'dotted keys in prefect.toml',
      files: { 'prefect.toml': `api.url = "${url('x')}"\nclient.max_retries = 3` },
      cli: true,
    },
    { name: 'a .env above', env: { PREFECT_API_URL: url('x') }, files: { '../.env': '' } },
    {
      name: 'a bad value of a setting that is not read',
      env: { PREFECT_API_URL: url('x'), PREFECT_SERVER_API_PORT: 'x' },
      differs: { why: 'read-settings', outcome: { apiUrl: url('x') } },
    },
  ]
}

const profile = (line: string): Record<string, string> => ({
  [profilesFile]: `active = "a"\n[profiles.a]\n${line}\n`,
})

/** JSON for a group of settings, and what it wins over. */
function groups(): Case[] {
  const base = { PREFECT_API_URL: url('x') }
  return [
    {
      name: 'PREFECT_API',
      env: { PREFECT_API: `{"url": "${url('json')}", "key": "key-in-json"}` },
    },
    {
      name: 'PREFECT_API wins over PREFECT_API_URL',
      env: { ...base, PREFECT_API: `{"url": "${url('json')}"}` },
    },
    { name: 'PREFECT_API with other names only', env: { ...base, PREFECT_API: '{"nothing": 1}' } },
    {
      name: 'PREFECT_API with null',
      env: { ...base, PREFECT_API_KEY: 'key', PREFECT_API: '{"key": null}' },
    },
    {
      name: 'PREFECT_API in upper case',
      env: { ...base, PREFECT_API: '{"KEY": "key-in-json", "Request_Timeout": 5}' },
    },
    { name: 'PREFECT_API in .env', files: { '.env': `PREFECT_API='{"url": "${url('json')}"}'` } },
    {
      name: 'PREFECT_API in .env and the environment',
      env: { PREFECT_API: '{"key": "of-env"}' },
      files: { '.env': `PREFECT_API='{"url": "${url('json')}", "key": "of-dotenv"}'` },
    },
    {
      name: 'PREFECT_API in a profile wins over variables',
      differs: { why: 'lenient-profiles', outcome: { apiUrl: url('json'), warnings: 0 } },
      env: base,
      files: profile(`PREFECT_API = '{"url": "${url('json')}"}'`),
    },
    {
      name: 'PREFECT_API as a table in a profile',
      env: base,
      files: profile('PREFECT_API = {url = "http://x"}'),
    },
    ...['', '5', '[]', 'null', '{', '"x"'].map((text) => ({
      name: `PREFECT_API as ${text}`,
      env: { ...base, PREFECT_API: text },
    })),
    {
      name: 'PREFECT_CLIENT',
      env: {
        ...base,
        PREFECT_CLIENT:
          '{"max_retries": 1, "retry_extra_codes": [404], "custom_headers": {"x-a": "b"}, "csrf_support_enabled": false}',
      },
    },
    {
      name: 'PREFECT_CLIENT with texts',
      env: {
        ...base,
        PREFECT_CLIENT:
          '{"max_retries": "1", "retry_extra_codes": "404, 500", "custom_headers": "{\\"x-a\\": \\"b\\"}"}',
      },
    },
    {
      name: 'PREFECT_CLIENT with a bad value',
      env: { ...base, PREFECT_CLIENT: '{"max_retries": -1}' },
    },
    {
      name: 'PREFECT_LOGGING',
      env: { ...base, PREFECT_LOGGING: '{"level": "error", "to_api": {"enabled": false}}' },
    },
    {
      name: 'PREFECT_LOGGING_TO_API',
      env: { ...base, PREFECT_LOGGING_TO_API: '{"enabled": false}' },
    },
    {
      name: 'PREFECT_LOGGING in a profile wins over PREFECT_LOGGING_TO_API',
      differs: { why: 'lenient-profiles', outcome: { loggingToApiEnabled: false, warnings: 0 } },
      env: { ...base, PREFECT_LOGGING_TO_API: '{"enabled": true}' },
      files: profile(`PREFECT_LOGGING = '{"to_api": {"enabled": false}}'`),
    },
    {
      name: 'PREFECT_CLOUD',
      env: { ...base, PREFECT_CLOUD: '{"max_log_size": 7, "api_url": "http://x"}' },
    },
  ]
}

/** Names in any case, addresses, and what this package checks and Prefect does not. */
function others(): Case[] {
  const base = { PREFECT_API_URL: url('x') }
  return [
    {
      name: 'names in lower case',
      env: { prefect_api_url: url('x'), Prefect_Client_Max_Retries: '3' },
    },
    { name: 'a name twice', env: { PREFECT_API_URL: url('upper'), prefect_api_url: url('lower') } },
    {
      name: 'a name twice, the other way',
      env: { prefect_api_url: url('lower'), PREFECT_API_URL: url('upper') },
    },
    { name: 'a slash at the end', env: { PREFECT_API_URL: 'http://x.example/api/' } },
    {
      name: 'Prefect Cloud',
      env: {
        PREFECT_API_URL: 'https://api.prefect.cloud/api/accounts/a/workspaces/b',
        PREFECT_API_KEY: 'pnu_x',
      },
      cli: true,
    },
    {
      name: 'Prefect Cloud, its own limit',
      env: {
        PREFECT_API_URL: 'https://api.prefect.cloud/api/accounts/a/workspaces/b',
        PREFECT_CLOUD_MAX_LOG_SIZE: '7',
        PREFECT_LOGGING_TO_API_MAX_LOG_SIZE: '100',
      },
    },
    ...[
      'https://app.prefect.cloud/account/a/workspace/b',
      'https://api.prefect.cloud/accounts/a/workspaces/b',
      'https://api.prefect.cloud',
    ].flatMap((address) => [
      { name: `probably wrong: ${address}`, env: { PREFECT_API_URL: address } },
      {
        name: `silenced: ${address}`,
        env: { PREFECT_API_URL: address, PREFECT_SILENCE_API_URL_MISCONFIGURATION: 'true' },
      },
    ]),
    {
      name: 'no URL',
      env: { PREFECT_API_URL: 'x y' },
      ...fails('checked-address'),
    },
    {
      name: 'ftp',
      env: { PREFECT_API_URL: 'ftp://x.example/api' },
      ...fails('checked-address'),
    },
    {
      name: 'a query',
      env: { PREFECT_API_URL: 'http://x.example/api?a=1' },
      ...fails('checked-address'),
    },
    {
      name: 'a key with a line break',
      env: { ...base, PREFECT_API_KEY: 'a\nb' },
      ...fails('checked-credentials'),
    },
    {
      name: 'a framing header',
      env: { ...base, PREFECT_CLIENT_CUSTOM_HEADERS: '{"Content-Length": "1"}' },
      ...fails('checked-headers'),
    },
    {
      name: 'a header name with a space',
      env: { ...base, PREFECT_CLIENT_CUSTOM_HEADERS: '{"a b": "1"}' },
      ...fails('checked-headers'),
    },
    {
      name: 'a protected header',
      env: { ...base, PREFECT_CLIENT_CUSTOM_HEADERS: '{"User-Agent": "x", "X-A": "b"}' },
      differs: { why: 'checked-headers', outcome: { customHeaders: { 'x-a': 'b' } } },
    },
    ...['0', '-1', 'nan'].map((text) => ({
      name: `a timeout of ${text}`,
      env: { ...base, PREFECT_API_REQUEST_TIMEOUT: text },
      ...fails('positive-numbers'),
    })),
    {
      name: 'a log size of 0',
      env: { ...base, PREFECT_LOGGING_TO_API_MAX_LOG_SIZE: '0' },
      ...fails('positive-numbers'),
    },
    {
      name: 'too many retries',
      env: { ...base, PREFECT_CLIENT_MAX_RETRIES: '99999999999999999999' },
      ...fails('positive-numbers'),
    },
  ]
}

/** Several settings at once, each in some places: 100 combinations, the same in every run. */
function mixtures(): Case[] {
  let state = 42
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const pool: Record<string, readonly unknown[]> = {
    'api.url': [url('a'), url('b'), 'https://api.prefect.cloud/api/accounts/a/workspaces/b', ''],
    'api.key': ['first-key', 'second-key', ''],
    'api.auth_string': ['me:first', 'me:second'],
    'api.request_timeout': ['5', '7.5', '30'],
    'api.tls_insecure_skip_verify': ['true', 'false', 'no', 'Y'],
    'client.max_retries': ['0', '1', '2'],
    'client.retry_jitter_factor': ['0', '0.5', '1'],
    'client.retry_extra_codes': ['404', '', '404, 500'],
    'client.csrf_support_enabled': ['on', 'off'],
    'client.custom_headers': ['{"x-a": "1"}', '{}', '{"x-a": "2", "x-b": "3"}'],
    'logging.level': ['debug', 'ERROR'],
    'logging.to_api.max_log_size': ['1000', '5000'],
    'cloud.max_log_size': ['100', '200'],
  }
  return Array.from({ length: 100 }, (_, index) => {
    const values: Values = {}
    for (let count = 0; count < 14; count++) {
      const path = pick(Object.keys(pool))
      const place = pick(places)
      values[place] = { ...values[place], [path]: pick(pool[path] ?? []) }
    }
    if (index % 4 > 0) values.env = { ...values.env, 'api.url': url('env') }
    return { name: `mixture ${index}`, ...write(values), cli: index % 25 === 1 }
  })
}

/** The whole matrix, in a fixed order. */
export function matrix(): Case[] {
  return [
    ...precedence(),
    ...forms(),
    ...dotenvForms(),
    ...profileCases(),
    ...groups(),
    ...others(),
    ...mixtures(),
  ]
}
