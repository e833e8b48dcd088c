// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import { byKind, integer, nullable, object, record, text } from '../../fields.ts'
import type { Reader } from '../../fields.ts'
import { secretText } from '../../secret-readers.ts'
import type { AsyncDriver } from './async-driver.ts'
import type { SyncDriver } from './sync-driver.ts'

/**
 * Parameters to use to create a SQLAlchemy engine URL.
 *
 * Attributes:
 *     driver: The driver name to use.
 *     database: The name of the database to use.
 *     username: The user name used to authenticate.
 *     password: The password used to authenticate.
 *     host: The host address of the database.
 *     port: The port to connect to the database.
 *     query: A dictionary of string keys to string values to be passed to the dialect
 *         and/or the DBAPI upon connect.
 */
export interface ConnectionComponents {
  /** The driver name to use. */
  driver: AsyncDriver | SyncDriver | (string & Record<never, never>)
  /** The name of the database to use. */
  database: string | null
  /** The user name used to authenticate. */
  username: string | null
  /** The password used to authenticate. */
  password: Secret | null
  /** The host address of the database. */
  host: string | null
  /** The port to connect to the database. */
  port: number | string | null
  /** A dictionary of string keys to string values to be passed to the dialect and/or the DBAPI upon connect. To specify non-string parameters to a Python DBAPI directly, use connect_args. */
  query: Record<string, string> | null
}

export const connectionComponents: Reader<ConnectionComponents> = object<ConnectionComponents>({
  driver: text,
  database: nullable(text),
  username: nullable(text),
  password: nullable(secretText),
  host: nullable(text),
  port: nullable(byKind({ number: integer, string: text })),
  query: nullable(record(text)),
})
