import { isSecret } from '@prefect-ts/api'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'

/** A SQLAlchemy URL in parts, decoded. */
export interface DatabaseParts {
  /** `dialect` or `dialect+driver`. */
  readonly drivername: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  readonly database: string | undefined
  /** Arguments of the query, and those to connect with: an argument may come more than once. */
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** The parts of a `sqlalchemy-connector` (`connection_info`) or of `database-credentials`. */
export function databaseParts(data: Fields, block: string): DatabaseParts {
  const info = open(data['connection_info'] ?? data['url'])
  const parts =
    typeof info === 'string'
      ? parseUrl(info, block)
      : fromComponents(isFields(info) ? info : data, block)
  const { connect_args: given } = data
  const connect = isFields(given) ? Object.entries(given) : []
  const names = new Set(connect.map(([name]) => name))
  const query = parts.query.filter(([name]) => !names.has(name))
  return { ...parts, query: [...query, ...connect.map((entry) => argument(entry, block))] }
}

function fromComponents(fields: Fields, block: string): DatabaseParts {
  const drivername = text(fields['driver'])
  if (drivername === undefined) {
    throw new BlockError(`Block "${block}": there is neither a driver nor a URL.`, {
      code: 'INVALID_DATA',
      block,
    })
  }
  const { query } = fields
  return {
    drivername,
    username: text(fields['username']),
    password: text(fields['password']),
    host: text(fields['host']),
    port: text(fields['port']),
    database: text(fields['database']),
    query: isFields(query) ? Object.entries(query).map((entry) => argument(entry, block)) : [],
  }
}

// sqlalchemy.engine.url._parse_url of SQLAlchemy 2.1; 2.0 leaves escapes in the database's name.
const urlPattern =
  /^(?<name>[\w+]+):\/\/(?:(?<username>[^:/]*)(?::(?<password>[^@]*))?@)?(?:(?:\[(?<ipv6>[^/?]+)\]|(?<host>[^/:?]+))?(?::(?<port>[^/?]*))?)?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/s

function parseUrl(url: string, block: string): DatabaseParts {
  const parts = urlPattern.exec(url)?.groups
  if (parts === undefined) {
    throw new BlockError(`Block "${block}": its URL is none that SQLAlchemy could read.`, {
      code: 'INVALID_DATA',
      block,
    })
  }
  return {
    drivername: parts['name'] ?? '',
    username: decode(parts['username']),
    password: decode(parts['password']),
    host: parts['ipv6'] ?? parts['host'],
    port: parts['port'] || undefined,
    database: decode(parts['database']) || undefined,
    query: [...new URLSearchParams(parts['query'] ?? '')],
  }
}

/** Python's `unquote`: what is no escape stays as it is. */
function decode(value: string | undefined): string | undefined {
  return value?.replaceAll(/(?:%[\da-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
  )
}

function argument([name, given]: [string, unknown], block: string): [string, string] {
  const value = open(given)
  if (typeof value === 'string') return [name, value]
  if (typeof value === 'number' || typeof value === 'boolean') return [name, String(value)]
  throw new BlockError(
    `Block "${block}": the argument "${name}" is no plain value, which a URL could hold.`,
    { code: 'UNSUPPORTED', block },
  )
}

function open(value: unknown): unknown {
  return isSecret(value) ? value.reveal() : value
}

function text(given: unknown): string | undefined {
  const value = open(given)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
