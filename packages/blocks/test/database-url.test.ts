import { inspect } from 'node:util'
import { createSecret, isSecret, maskSecrets } from '@prefect-ts/api'
import { parse as parseMssql } from '@tediousjs/connection-string'
import { createPool } from 'mysql2'
import { parse } from 'pg-connection-string'
import { beforeAll, describe, expect, it } from 'vitest'
import { databaseUrl } from '../src/database.ts'
import type { BlockErrorCode } from '../src/index.ts'
import { BlockError, parseBlock } from '../src/index.ts'
import { runPython } from './python.ts'

interface Parts {
  drivername: string
  username: string | null
  password: string | null
  host: string | null
  port: number | null
  database: string | null
  query: Record<string, string>
}

type Info = string | Partial<Omit<Parts, 'drivername'> & { driver: string }>

function urlOf(info: Info, connectArguments?: object): string {
  const data = { connection_info: info, connect_args: connectArguments ?? null }
  return databaseUrl({ type: 'sqlalchemy-connector', name: 'db', data }).reveal()
}

/** What the Node driver for it makes of a URL. */
const drivers: Record<string, (url: string) => Omit<Parts, 'drivername' | 'query'>> = {
  postgresql: (url) => {
    const { user, password, host, port, database } = parse(url)
    return parts({ username: user, password, host, port, database })
  },
  mysql: (url) => {
    // A pool connects when it is first used.
    const { connectionConfig } = createPool(url).config as unknown as {
      connectionConfig: Record<string, unknown>
    }
    const { user, password, host, port, database } = connectionConfig
    return parts({ username: user, password, host, port, database })
  },
  mssql: (url) => {
    const found = parseMssql(url)
    const [host, port] = String(found.get('server')).split(',')
    const [username, password, database] = ['user id', 'password', 'database'].map((name) =>
      found.get(name),
    )
    return parts({ username, password, host, port, database })
  },
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function parts(given: Record<string, unknown>): Omit<Parts, 'drivername' | 'query'> {
  const port = Number(given['port'] || Number.NaN)
  return {
    username: text(given['username']),
    password: text(given['password']),
    host: text(given['host']),
    port: Number.isNaN(port) ? null : port,
    database: text(given['database']),
  }
}

/** Strings that mean something in a URL or a connection string, from a generator with a fixed seed. */
function hostile(count: number): string[] {
  const alphabet = Array.from('ab1:/[]@!$&\'()*+,;=% "\\{}|^`~<>é𝄞.-_')
  let seed = 7
  return Array.from({ length: count }, (_, index) => {
    const characters = Array.from({ length: 1 + (index % 12) }, () => {
      seed = (seed * 48_271) % 2_147_483_647
      return alphabet[seed % alphabet.length]
    })
    return `x${characters.join('')}y%41`
  })
}

const infos: Info[] = [
  ...Object.keys(drivers).flatMap((dialect) =>
    hostile(60).map((odd, index) => ({
      driver: `${dialect}+python`,
      username: `u${odd}?#`,
      password: `${odd}?#p`,
      host: index % 2 === 0 ? 'db.example' : '127.0.0.1',
      port: 1000 + index,
      database: dialect === 'mssql' ? odd.replaceAll(/[^\w ]/g, '') : odd,
    })),
  ),
  { driver: 'postgresql', host: '::1', username: 'me', database: 'd' },
  { driver: 'mysql+pymysql', host: 'fe80::1', port: 3307, username: 'me', database: 'a?b#c' },
  'postgresql+psycopg2://me:canary%40url@[::1]:5433/my%20db?sslmode=disable',
  'postgresql+asyncpg://me:p%2Fw%ZZ@h/d',
  'mysql+pymysql://me@h:3307/d',
  'mssql+pymssql://me:p%3Bw@h:1433/d',
]

describe('the Node driver understands what SQLAlchemy does', () => {
  let python: Parts[]

  beforeAll(async () => {
    python = await runPython('sqlalchemy_urls.py', [], {}, JSON.stringify(infos))
  }, 60_000)

  it('for every URL and all components', () => {
    expect(python).toHaveLength(infos.length)
    for (const [index, info] of infos.entries()) {
      const { drivername, query: _, ...expected } = python[index] as Parts
      const dialect = drivername.split('+')[0] ?? ''
      const found = drivers[dialect]?.(urlOf(info))
      expect({ info, found }).toEqual({ info, found: expected })
    }
  })
})

it('takes every way in which a block says it', () => {
  const fields = { driver: 'postgresql+psycopg2', username: 'me', database: 'd', host: 'h' }
  const expected = 'postgresql://me:canary-pw@h/d'
  const password = createSecret('canary-pw')
  const credentials = { type: 'database-credentials', data: { ...fields, password } } as const
  expect(databaseUrl(credentials).reveal()).toBe(expected)
  const url = createSecret('postgresql+psycopg2://me:canary-pw@h/d')
  expect(databaseUrl({ type: 'database-credentials', data: { url } }).reveal()).toBe(expected)
  expect(urlOf({ ...fields, password: 'canary-pw' })).toBe(expected)
  const info = { connection_info: url }
  expect(databaseUrl({ type: 'async-sqlalchemy-connector', data: info }).reveal()).toBe(expected)
})

it.each([
  ['postgresql://h/d', 'postgresql://h/d'],
  ['postgresql:///d', 'postgresql://localhost/d'],
  [
    'postgresql+psycopg2:///d?host=/var/run/postgresql',
    'postgresql://localhost/d?host=%2Fvar%2Frun%2Fpostgresql',
  ],
  ['cockroachdb://me@h:26257/d', 'postgresql://me@h:26257/d'],
  ['postgresql://h/d?sslmode=require', 'postgresql://h/d?uselibpqcompat=true&sslmode=require'],
  ['postgresql+asyncpg://h/d?ssl=verify-full', 'postgresql://h/d?sslmode=verify-full'],
  [
    'postgresql://h/d?options=-c%20search_path%3Da',
    'postgresql://h/d?options=-c%20search_path%3Da',
  ],
  ['postgresql://h/d?connect_timeout=3', 'postgresql://h/d'],
  [
    'mariadb+mysqldb://h/d?charset=utf8mb4&connect_timeout=3',
    'mysql://h/d?charset=utf8mb4&connectTimeout=3000',
  ],
  ['mysql://h/d?unix_socket=/tmp/s', 'mysql://h/d?socketPath=%2Ftmp%2Fs'],
  [
    'mssql+pyodbc://me:p@h/d?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=no',
    'Server="h";Database="d";User Id="me";Password="p";Encrypt="true";TrustServerCertificate="false"',
  ],
  ['sqlite:///relative.db', 'relative.db'],
  ['sqlite+aiosqlite:////srv/a b.db?timeout=3', '/srv/a b.db'],
  ['sqlite://', ':memory:'],
  ['sqlite:///file:a.db?mode=ro&uri=true', 'file:a.db?mode=ro'],
])('%s', (url, expected) => {
  expect(urlOf(url)).toBe(expected)
})

it('has connect_args said as well, over those of the URL', () => {
  const url = 'postgresql://h/d?sslmode=disable&application_name=a'
  const given = { sslmode: 'verify-full', application_name: 'b', connect_timeout: 3 }
  expect(urlOf(url, given)).toBe('postgresql://h/d?sslmode=verify-full&application_name=b')
})

function ssl(mode: string): unknown {
  return parse(urlOf(`postgresql://h/d?sslmode=${mode}`)).ssl
}

it('keeps TLS as it was meant', () => {
  expect(ssl('disable')).toBe(false)
  for (const mode of ['allow', 'prefer', 'require']) {
    expect(ssl(mode)).toEqual({ rejectUnauthorized: false })
  }
  expect(ssl('verify-full')).toEqual({})
})

it.each<[Info, object | undefined, BlockErrorCode, string]>([
  ['oracle+cx_oracle://me:canary@h/d', undefined, 'UNSUPPORTED', '"oracle+cx_oracle". Known are'],
  [{ driver: 'snowflake' }, undefined, 'UNSUPPORTED', '"snowflake"'],
  ['sqlite+pysqlcipher://:canary@/d', undefined, 'UNSUPPORTED', '"sqlite+pysqlcipher"'],
  [
    'postgresql://h/d?sslcrl=canary',
    undefined,
    'UNSUPPORTED',
    'pg cannot be told the argument "sslcrl"',
  ],
  ['postgresql://h/d?host=a,canary', undefined, 'UNSUPPORTED', 'several hosts'],
  ['postgresql://h/d?host=a&host=canary', undefined, 'UNSUPPORTED', '"host" more than once'],
  [{ driver: 'postgresql', database: 'canary?' }, undefined, 'UNSUPPORTED', 'a database name with'],
  [
    'mysql://h/d?ssl_ca=canary',
    undefined,
    'UNSUPPORTED',
    'mysql2 cannot be told the argument "ssl_ca"',
  ],
  ['mssql://h/d?Trusted_Connection=canary', undefined, 'UNSUPPORTED', '"Trusted_Connection"'],
  ['sqlite:///d?x=canary', undefined, 'UNSUPPORTED', 'SQLite cannot be told the argument "x"'],
  [
    'postgresql://h/d',
    { ssl: { ca: 'canary' } },
    'UNSUPPORTED',
    'argument "ssl" is no plain value',
  ],
  ['canary no url', undefined, 'INVALID_DATA', 'none that SQLAlchemy could read'],
  [{ host: 'canary' }, undefined, 'INVALID_DATA', 'neither a driver nor a URL'],
])('refuses %j by name', (info, connectArguments, code, message) => {
  const error = (() => {
    try {
      return urlOf(info, connectArguments)
    } catch (reason) {
      return reason
    }
  })()
  if (!(error instanceof BlockError)) throw new Error(`no error: ${String(error)}`)
  expect(error.code).toBe(code)
  expect(error.message).toContain('Block "sqlalchemy-connector/db"')
  expect(error.message).toContain(message)
  expect(inspect(error, { depth: null })).not.toContain('canary')
})

it('is a secret, of a loaded block as well', async () => {
  const password = 'canary/with@escapes'
  const block = await parseBlock({
    type: 'sqlalchemy-connector',
    data: { connection_info: { driver: 'mysql+pymysql', host: 'h', username: 'u', password } },
  } as { type: string; data: object })
  const url = databaseUrl(block as never)
  expect(isSecret(url)).toBe(true)
  expect(String(url)).toBe('********')
  expect(maskSecrets(`at ${url.reveal()}`)).toBe('at ********')
})
