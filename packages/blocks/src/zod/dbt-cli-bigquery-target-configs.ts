// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliBigqueryTargetConfigsData } from '../types/dbt-cli-bigquery-target-configs.ts'
import { gcpCredentialsSchema } from './gcp-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `dbt-cli-bigquery-target-configs` block. */
export const dbtCliBigqueryTargetConfigsSchema: z.ZodType<DbtCliBigqueryTargetConfigsData> =
  z.looseObject({
    extras: z.record(z.string(), z.unknown()).nullable().default(null),
    allow_field_overrides: z.boolean().prefault(false),
    type: z.literal(['bigquery']).prefault('bigquery'),
    schema: z.string(),
    threads: z.int().prefault(4),
    project: z.string().nullable().default(null),
    credentials: nestedBlock({ 'gcp-credentials': gcpCredentialsSchema }).nullable().default(null),
  })
