// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { text } from '../fields.ts'

/** Profile for use across dbt CLI tasks and flows. */
export interface DbtCliProfileData {
  /** Profile name used for populating profiles.yml. */
  name: string
  /** The default target your dbt project will use. */
  target: string
  /** Target configs contain credentials and settings, specific to the warehouse you're connecting to. */
  target_configs:
    | Block<'dbt-cli-bigquery-target-configs'>
    | Block<'dbt-cli-postgres-target-configs'>
    | Block<'dbt-cli-snowflake-target-configs'>
    | Block<'dbt-cli-target-configs'>
  /** Global configs control things like the visual output of logs, the manner in which dbt parses your project, and what to do when dbt finds a version mismatch or a failing model. */
  global_configs: Block<'dbt-cli-global-configs'> | null
}

export const blockModule: BlockModule<DbtCliProfileData, 'target_configs' | 'global_configs'> = {
  nested: {
    target_configs: {
      types: [
        'dbt-cli-bigquery-target-configs',
        'dbt-cli-postgres-target-configs',
        'dbt-cli-snowflake-target-configs',
        'dbt-cli-target-configs',
      ],
    },
    global_configs: { types: ['dbt-cli-global-configs'], whenMissing: null },
  },
  readers: {
    name: text,
    target: text,
  },
}
