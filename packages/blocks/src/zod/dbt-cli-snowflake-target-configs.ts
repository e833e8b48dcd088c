// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliSnowflakeTargetConfigsData } from '../types/dbt-cli-snowflake-target-configs.ts'
import { nestedBlock } from './helpers.ts'
import { snowflakeConnectorSchema } from './snowflake-connector.ts'

/** The data of a `dbt-cli-snowflake-target-configs` block. */
export const dbtCliSnowflakeTargetConfigsSchema: z.ZodType<DbtCliSnowflakeTargetConfigsData> =
  z.looseObject({
    extras: z.record(z.string(), z.unknown()).nullable().default(null),
    allow_field_overrides: z.boolean().prefault(false),
    type: z.literal(['snowflake']).prefault('snowflake'),
    schema: z.string().nullable().default(null),
    threads: z.int().prefault(4),
    connector: nestedBlock({ 'snowflake-connector': snowflakeConnectorSchema }),
  })
