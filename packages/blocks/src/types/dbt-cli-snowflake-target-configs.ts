// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { anyFields, flag, integer, nullable, oneOf, text, withDefault } from '../fields.ts'

/**
 * Target configs contain credentials and
 * settings, specific to Snowflake.
 * To find valid keys, head to the [Snowflake Profile](
 * https://docs.getdbt.com/reference/warehouse-profiles/snowflake-profile)
 * page.
 */
export interface DbtCliSnowflakeTargetConfigsData {
  /** Extra target configs' keywords, not yet exposed in prefect-dbt, but available in dbt. */
  extras: Record<string, unknown> | null
  /**
   * If enabled, fields from dbt target configs will override fields provided in extras and credentials.
   * @default false
   */
  allow_field_overrides: boolean
  /**
   * The type of the target configs.
   * @default 'snowflake'
   */
  type: 'snowflake'
  /** The schema to use for the target configs. */
  schema: string | null
  /**
   * The number of threads representing the max number of paths through the graph dbt may work on at once.
   * @default 4
   */
  threads: number
  /** The connector to use. */
  connector: Block<'snowflake-connector'>
}

export const blockModule: BlockModule<DbtCliSnowflakeTargetConfigsData, 'connector'> = {
  nested: {
    connector: { types: ['snowflake-connector'] },
  },
  readers: {
    extras: nullable(anyFields),
    allow_field_overrides: withDefault(flag, false),
    type: withDefault(oneOf('snowflake'), 'snowflake'),
    schema: nullable(text),
    threads: withDefault(integer, 4),
  },
}
