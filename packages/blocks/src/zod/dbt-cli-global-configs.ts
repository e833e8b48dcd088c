// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DbtCliGlobalConfigsData } from '../types/dbt-cli-global-configs.ts'

/** The data of a `dbt-cli-global-configs` block. */
export const dbtCliGlobalConfigsSchema: z.ZodType<DbtCliGlobalConfigsData> = z.looseObject({
  extras: z.record(z.string(), z.unknown()).nullable().default(null),
  allow_field_overrides: z.boolean().prefault(false),
  send_anonymous_usage_stats: z.boolean().nullable().default(null),
  use_colors: z.boolean().nullable().default(null),
  partial_parse: z.boolean().nullable().default(null),
  printer_width: z.int().nullable().default(null),
  write_json: z.boolean().nullable().default(null),
  warn_error: z.boolean().nullable().default(null),
  log_format: z.string().nullable().default(null),
  debug: z.boolean().nullable().default(null),
  version_check: z.boolean().nullable().default(null),
  fail_fast: z.boolean().nullable().default(null),
  use_experimental_parser: z.boolean().nullable().default(null),
  static_parser: z.boolean().nullable().default(null),
})
