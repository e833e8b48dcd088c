// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { integer, text, withDefault } from '../fields.ts'

/** Perform data operations against a Snowflake database. */
export interface SnowflakeConnectorData {
  /** The credentials to authenticate with Snowflake. */
  credentials: Block<'snowflake-credentials'>
  /** The name of the default database to use. */
  database: string
  /** The name of the default warehouse to use. */
  warehouse: string
  /** The name of the default schema to use. */
  schema: string
  /**
   * The default number of rows to fetch at a time.
   * @default 1
   */
  fetch_size: number
  /**
   * The number of seconds between checking query status for long running queries.
   * @default 1
   */
  poll_frequency_s: number
}

export const blockModule: BlockModule<SnowflakeConnectorData, 'credentials'> = {
  nested: {
    credentials: { types: ['snowflake-credentials'] },
  },
  readers: {
    database: text,
    warehouse: text,
    schema: text,
    fetch_size: withDefault(integer, 1),
    poll_frequency_s: withDefault(integer, 1),
  },
}
