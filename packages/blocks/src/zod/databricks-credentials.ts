// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DatabricksCredentialsData } from '../types/databricks-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `databricks-credentials` block. */
export const databricksCredentialsSchema: z.ZodType<DatabricksCredentialsData> = z.looseObject({
  databricks_instance: z.string(),
  token: secretText,
  client_kwargs: z.record(z.string(), z.unknown()).nullable().default(null),
})
