// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { anyFields, flag, integer, nullable, text, withDefault } from '../fields.ts'

/**
 * Target configs contain credentials and
 * settings, specific to the warehouse you're connecting to.
 * To find valid keys, head to the [Available adapters](
 * https://docs.getdbt.com/docs/available-adapters) page and
 * click the desired adapter's "Profile Setup" hyperlink.
 */
export interface DbtCliTargetConfigsData {
  /** Extra target configs' keywords, not yet exposed in prefect-dbt, but available in dbt. */
  extras: Record<string, unknown> | null
  /**
   * If enabled, fields from dbt target configs will override fields provided in extras and credentials.
   * @default false
   */
  allow_field_overrides: boolean
  /** The name of the database warehouse. */
  type: string
  /** The schema that dbt will build objects into; in BigQuery, a schema is actually a dataset. */
  schema: string
  /**
   * The number of threads representing the max number of paths through the graph dbt may work on at once.
   * @default 4
   */
  threads: number
}

export const blockModule: BlockModule<DbtCliTargetConfigsData> = {
  readers: {
    extras: nullable(anyFields),
    allow_field_overrides: withDefault(flag, false),
    type: text,
    schema: text,
    threads: withDefault(integer, 4),
  },
}
