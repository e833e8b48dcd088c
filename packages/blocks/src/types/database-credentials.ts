// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { anyFields, nullable, record, text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'
import type { AsyncDriver } from './models/async-driver.ts'
import type { SyncDriver } from './models/sync-driver.ts'

/** Block used to manage authentication with a database. */
export interface DatabaseCredentialsData {
  /** The driver name to use. */
  driver: AsyncDriver | SyncDriver | (string & Record<never, never>) | null
  /** The user name used to authenticate. */
  username: string | null
  /** The password used to authenticate. */
  password: Secret | null
  /** The name of the database to use. */
  database: string | null
  /** The host address of the database. */
  host: string | null
  /** The port to connect to the database. */
  port: string | null
  /** A dictionary of string keys to string values to be passed to the dialect and/or the DBAPI upon connect. To specify non-string parameters to a Python DBAPI directly, use connect_args. */
  query: Record<string, string> | null
  /** Manually create and provide a URL to create the engine, this is useful for external dialects, e.g. Snowflake, because some of the params, such as 'warehouse', is not directly supported in the vanilla `sqlalchemy.engine.URL.create` method; do not provide this alongside with other URL params as it will raise a `ValueError`. */
  url: Secret | null
  /** The options which will be passed directly to the DBAPI's connect() method as additional keyword arguments. */
  connect_args: Record<string, unknown> | null
}

export const blockModule: BlockModule<DatabaseCredentialsData> = {
  readers: {
    driver: nullable(text),
    username: nullable(text),
    password: nullable(secretText),
    database: nullable(text),
    host: nullable(text),
    port: nullable(text),
    query: nullable(record(text)),
    url: nullable(secretText),
    connect_args: nullable(anyFields),
  },
}
