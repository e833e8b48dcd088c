// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { anyFields, flag, integer, nullable, oneOf, text, withDefault } from '../fields.ts'

/** dbt CLI target configs containing credentials and settings specific to Postgres. */
export interface DbtCliPostgresTargetConfigsData {
  /** Extra target configs' keywords, not yet exposed in prefect-dbt, but available in dbt. */
  extras: Record<string, unknown> | null
  /**
   * If enabled, fields from dbt target configs will override fields provided in extras and credentials.
   * @default false
   */
  allow_field_overrides: boolean
  /**
   * The type of the target.
   * @default 'postgres'
   */
  type: 'postgres'
  /** The schema that dbt will build objects into; in BigQuery, a schema is actually a dataset. */
  schema: string
  /**
   * The number of threads representing the max number of paths through the graph dbt may work on at once.
   * @default 4
   */
  threads: number
  /** The credentials to use to authenticate; if there are duplicate keys between credentials and TargetConfigs, e.g. schema, an error will be raised. */
  credentials: Block<'database-credentials'> | Block<'sqlalchemy-connector'>
}

export const blockModule: BlockModule<DbtCliPostgresTargetConfigsData, 'credentials'> = {
  nested: {
    credentials: { types: ['database-credentials', 'sqlalchemy-connector'] },
  },
  readers: {
    extras: nullable(anyFields),
    allow_field_overrides: withDefault(flag, false),
    type: withDefault(oneOf('postgres'), 'postgres'),
    schema: text,
    threads: withDefault(integer, 4),
  },
}
