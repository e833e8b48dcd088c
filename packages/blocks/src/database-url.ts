import type { Secret } from '@prefect-ts/api'
import { createSecret } from '@prefect-ts/api'
import type { DatabaseParts } from './database-parts.ts'
import { databaseParts } from './database-parts.ts'
import { blockLabel } from './document.ts'
import { BlockError } from './errors.ts'

/** A block that says how to reach a database. */
export interface DatabaseBlock {
  readonly type: 'async-sqlalchemy-connector' | 'database-credentials' | 'sqlalchemy-connector'
  readonly name?: string | undefined
  readonly data: object
}

/** What a query argument of a Python driver is to a Node driver; undefined: it says nothing to it. */
type Arguments = Readonly<
  Record<string, ((value: string) => Readonly<Record<string, string>>) | undefined>
>

const same = (name: string) => (value: string) => ({ [name]: value })

/** As libpq understands it; without `uselibpqcompat`, `pg` takes `require` for `verify-full`. */
const sslMode = (value: string): Readonly<Record<string, string>> =>
  value === 'disable' || value === 'verify-full'
    ? { sslmode: value }
    : { uselibpqcompat: 'true', sslmode: value === 'allow' ? 'prefer' : value }

const postgresArguments: Arguments = {
  application_name: same('application_name'),
  client_encoding: same('client_encoding'),
  connect_timeout: undefined,
  fallback_application_name: same('fallback_application_name'),
  host: same('host'),
  keepalives: undefined,
  keepalives_count: undefined,
  keepalives_idle: undefined,
  keepalives_interval: undefined,
  options: same('options'),
  port: same('port'),
  prepared_statement_cache_size: undefined,
  ssl: sslMode,
  sslcert: same('sslcert'),
  sslkey: same('sslkey'),
  sslmode: sslMode,
  sslrootcert: same('sslrootcert'),
  timeout: undefined,
}

const mysqlArguments: Arguments = {
  autocommit: undefined,
  charset: same('charset'),
  connect_timeout: (value) => ({ connectTimeout: String(Number(value) * 1000) }),
  unix_socket: same('socketPath'),
  use_unicode: undefined,
}

const yesNo = (name: string) => (value: string) => ({
  [name]: String(/^(?:yes|true|1|mandatory|strict)$/i.test(value)),
})

const mssqlArguments: Arguments = {
  // The ODBC driver: tedious needs none.
  driver: undefined,
  charset: undefined,
  app: same('Application Name'),
  appname: same('Application Name'),
  encrypt: yesNo('Encrypt'),
  login_timeout: same('Connect Timeout'),
  mars_connection: undefined,
  tds_version: undefined,
  timeout: same('Connect Timeout'),
  trustservercertificate: yesNo('TrustServerCertificate'),
}

const sqliteArguments: Arguments = {
  cached_statements: undefined,
  check_same_thread: undefined,
  detect_types: undefined,
  isolation_level: undefined,
  timeout: undefined,
  uri: undefined,
}

type Render = (parts: DatabaseParts, block: string) => string

const dialects: Readonly<Record<string, Render | undefined>> = {
  cockroachdb: postgresUrl,
  mariadb: mysqlUrl,
  mssql: mssqlString,
  mysql: mysqlUrl,
  postgres: postgresUrl,
  postgresql: postgresUrl,
  redshift: postgresUrl,
  sqlite: sqlitePath,
}

/**
 * How a Node driver reaches the database of a SQLAlchemy block, as a `Secret`: a URL for `pg` and
 * `mysql2`, a connection string for `mssql` and `tedious`, a path for `better-sqlite3` and
 * `node:sqlite`. The driver of the block is Python's and is not looked at, only its dialect.
 *
 * Arguments of the URL, and plain values of `connect_args`, become what the Node driver has for them.
 * Throws a `BlockError` `UNSUPPORTED`, by name, for a dialect that it does not know and for an argument
 * that cannot be said to the Node driver: left out, it could mean a connection without TLS.
 *
 * @example
 * const block = await loadBlock('sqlalchemy-connector/warehouse', { client })
 * const database = new pg.Client({ connectionString: databaseUrl(block).reveal() })
 */
export function databaseUrl(block: DatabaseBlock): Secret {
  const label = blockLabel(block.type, block.name)
  const parts = databaseParts({ ...block.data }, label)
  const [dialect = '', driver = ''] = parts.drivername.split('+')
  const render = driver === 'pysqlcipher' ? undefined : dialects[dialect]
  if (render !== undefined) return createSecret(render(parts, label))
  const known = Object.keys(dialects).join(', ')
  throw new BlockError(
    `Block "${label}": no Node driver is known for "${parts.drivername}". Known are ${known}.`,
    { code: 'UNSUPPORTED', block: label },
  )
}

function postgresUrl(parts: DatabaseParts, block: string): string {
  const { database } = parts
  if (database !== undefined && /[?#]/.test(database)) {
    throw unsupported('a database name with "?" or "#"', 'pg', block)
  }
  // `pg` reads it with decodeURI, which leaves escapes of these as they are.
  const path = database === undefined ? '' : encodeURI(database)
  return url('postgresql', parts, path, translate(parts, postgresArguments, 'pg', block))
}

function mysqlUrl(parts: DatabaseParts, block: string): string {
  const path = encodeURIComponent(parts.database ?? '')
  return url('mysql', parts, path, translate(parts, mysqlArguments, 'mysql2', block))
}

function url(
  scheme: string,
  { username, password, host, port }: DatabaseParts,
  path: string,
  query: ReadonlyMap<string, string>,
): string {
  const user = username === undefined ? '' : encode(username)
  const secret = password === undefined ? '' : `:${encode(password)}`
  const userinfo = username === undefined && password === undefined ? '' : `${user}${secret}@`
  // Without a host a URL with a user is none; SQLAlchemy's drivers mean this machine too.
  const name = host === undefined ? 'localhost' : host.includes(':') ? `[${host}]` : encode(host)
  const place = port === undefined ? name : `${name}:${port}`
  const search = [...query].map(([key, value]) => `${key}=${encode(value)}`).join('&')
  return `${scheme}://${userinfo}${place}/${path}${search === '' ? '' : `?${search}`}`
}

/** Everything that means something in some part of a URL. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function mssqlString(parts: DatabaseParts, block: string): string {
  const { username, password, host = 'localhost', port, database } = parts
  const values: Record<string, string | undefined> = {
    Server: port === undefined ? host : `${host},${port}`,
    Database: database,
    'User Id': username,
    Password: password,
    ...Object.fromEntries(translate(parts, mssqlArguments, 'tedious', block)),
  }
  return Object.entries(values)
    .flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}="${value.replaceAll('"', '""')}"`],
    )
    .join(';')
}

function sqlitePath(parts: DatabaseParts, block: string): string {
  const { database = ':memory:' } = parts
  if (!database.startsWith('file:')) {
    translate(parts, sqliteArguments, 'SQLite', block)
    return database
  }
  const query = parts.query.filter(([name]) => !Object.hasOwn(sqliteArguments, name))
  const search = query.map(([name, value]) => `${name}=${encode(value)}`).join('&')
  return search === '' ? database : `${database}?${search}`
}

function translate(
  { query }: DatabaseParts,
  known: Arguments,
  driver: string,
  block: string,
): Map<string, string> {
  const result = new Map<string, string>()
  for (const [given, value] of query) {
    // ODBC's names have any case.
    const name = driver === 'tedious' ? given.toLowerCase().replaceAll(' ', '') : given
    if (!Object.hasOwn(known, name)) throw unsupported(`the argument "${given}"`, driver, block)
    for (const [key, own] of Object.entries(known[name]?.(value) ?? {})) {
      if (result.has(key))
        throw unsupported(`the argument "${given}" more than once`, driver, block)
      if (key === 'host' && own.includes(',')) throw unsupported('several hosts', driver, block)
      result.set(key, own)
    }
  }
  return result
}

function unsupported(what: string, driver: string, block: string): BlockError {
  return new BlockError(`Block "${block}": ${driver} cannot be told ${what}.`, {
    code: 'UNSUPPORTED',
    block,
  })
}
