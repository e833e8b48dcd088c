// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SnowflakeConnectorData } from '../types/snowflake-connector.ts'
import { nestedBlock } from './helpers.ts'
import { snowflakeCredentialsSchema } from './snowflake-credentials.ts'

/** The data of a `snowflake-connector` block. */
export const snowflakeConnectorSchema: z.ZodType<SnowflakeConnectorData> = z.looseObject({
  credentials: nestedBlock({ 'snowflake-credentials': snowflakeCredentialsSchema }),
  database: z.string(),
  warehouse: z.string(),
  schema: z.string(),
  fetch_size: z.int().prefault(1),
  poll_frequency_s: z.int().prefault(1),
})
