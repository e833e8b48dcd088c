// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { ConnectionComponents } from '../../types/models/connection-components.ts'
import { secretText } from '../helpers.ts'

export const connectionComponentsSchema: z.ZodType<ConnectionComponents> = z.looseObject({
  driver: z.string(),
  database: z.string().nullable().default(null),
  username: z.string().nullable().default(null),
  password: secretText.nullable().default(null),
  host: z.string().nullable().default(null),
  port: z.union([z.int(), z.string()]).nullable().default(null),
  query: z.record(z.string(), z.string()).nullable().default(null),
})
