// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { DatabaseCredentialsData } from '../types/database-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `database-credentials` block. */
export const databaseCredentialsSchema: z.ZodType<DatabaseCredentialsData> = z.looseObject({
  driver: z.string().nullable().default(null),
  username: z.string().nullable().default(null),
  password: secretText.nullable().default(null),
  database: z.string().nullable().default(null),
  host: z.string().nullable().default(null),
  port: z.string().nullable().default(null),
  query: z.record(z.string(), z.string()).nullable().default(null),
  url: secretText.nullable().default(null),
  connect_args: z.record(z.string(), z.unknown()).nullable().default(null),
})
