// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliProfileData } from '../types/dbt-cli-profile.ts'
import { dbtCliBigqueryTargetConfigsSchema } from './dbt-cli-bigquery-target-configs.ts'
import { dbtCliGlobalConfigsSchema } from './dbt-cli-global-configs.ts'
import { dbtCliPostgresTargetConfigsSchema } from './dbt-cli-postgres-target-configs.ts'
import { dbtCliSnowflakeTargetConfigsSchema } from './dbt-cli-snowflake-target-configs.ts'
import { dbtCliTargetConfigsSchema } from './dbt-cli-target-configs.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `dbt-cli-profile` block. */
export const dbtCliProfileSchema: z.ZodType<DbtCliProfileData> = z.looseObject({
  name: z.string(),
  target: z.string(),
  target_configs: nestedBlock({
    'dbt-cli-bigquery-target-configs': dbtCliBigqueryTargetConfigsSchema,
    'dbt-cli-postgres-target-configs': dbtCliPostgresTargetConfigsSchema,
    'dbt-cli-snowflake-target-configs': dbtCliSnowflakeTargetConfigsSchema,
    'dbt-cli-target-configs': dbtCliTargetConfigsSchema,
  }),
  global_configs: nestedBlock({ 'dbt-cli-global-configs': dbtCliGlobalConfigsSchema })
    .nullable()
    .default(null),
})
