// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { anyFields, flag, integer, nullable, oneOf, text, withDefault } from '../fields.ts'

/** dbt CLI target configs containing credentials and settings, specific to BigQuery. */
export interface DbtCliBigqueryTargetConfigsData {
  /** Extra target configs' keywords, not yet exposed in prefect-dbt, but available in dbt. */
  extras: Record<string, unknown> | null
  /**
   * If enabled, fields from dbt target configs will override fields provided in extras and credentials.
   * @default false
   */
  allow_field_overrides: boolean
  /**
   * The type of target.
   * @default 'bigquery'
   */
  type: 'bigquery'
  /** The schema that dbt will build objects into; in BigQuery, a schema is actually a dataset. */
  schema: string
  /**
   * The number of threads representing the max number of paths through the graph dbt may work on at once.
   * @default 4
   */
  threads: number
  /** The project to use. */
  project: string | null
  /** The credentials to use to authenticate. */
  credentials: Block<'gcp-credentials'> | null
}

export const blockModule: BlockModule<DbtCliBigqueryTargetConfigsData, 'credentials'> = {
  nested: {
    credentials: { types: ['gcp-credentials'], whenMissing: null },
  },
  readers: {
    extras: nullable(anyFields),
    allow_field_overrides: withDefault(flag, false),
    type: withDefault(oneOf('bigquery'), 'bigquery'),
    schema: text,
    threads: withDefault(integer, 4),
    project: nullable(text),
  },
}
