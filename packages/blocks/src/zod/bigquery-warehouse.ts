// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { BigqueryWarehouseData } from '../types/bigquery-warehouse.ts'
import { gcpCredentialsSchema } from './gcp-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `bigquery-warehouse` block. */
export const bigqueryWarehouseSchema: z.ZodType<BigqueryWarehouseData> = z.looseObject({
  gcp_credentials: nestedBlock({ 'gcp-credentials': gcpCredentialsSchema }),
  fetch_size: z.int().prefault(1),
})
