// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliTargetConfigsData } from '../types/dbt-cli-target-configs.ts'

/** The data of a `dbt-cli-target-configs` block. */
export const dbtCliTargetConfigsSchema: z.ZodType<DbtCliTargetConfigsData> = z.looseObject({
  extras: z.record(z.string(), z.unknown()).nullable().default(null),
  allow_field_overrides: z.boolean().prefault(false),
  type: z.string(),
  schema: z.string(),
  threads: z.int().prefault(4),
})
