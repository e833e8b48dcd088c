// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCoreOperationData } from '../types/dbt-core-operation.ts'
import { dbtCliProfileSchema } from './dbt-cli-profile.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `dbt-core-operation` block. */
export const dbtCoreOperationSchema: z.ZodType<DbtCoreOperationData> = z.looseObject({
  commands: z.array(z.string()),
  stream_output: z.boolean().prefault(true),
  env: z.record(z.string(), z.string()).nullable().default(null),
  working_dir: z.string().nullable().default(null),
  shell: z.string().nullable().default(null),
  extension: z.string().nullable().default(null),
  profiles_dir: z.string().nullable().default(null),
  project_dir: z.string().nullable().default(null),
  overwrite_profiles: z.boolean().prefault(false),
  dbt_cli_profile: nestedBlock({ 'dbt-cli-profile': dbtCliProfileSchema }).nullable().default(null),
})
