// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GcpCredentialsData } from '../types/gcp-credentials.ts'
import { secretDict } from './helpers.ts'

/** The data of a `gcp-credentials` block. */
export const gcpCredentialsSchema: z.ZodType<GcpCredentialsData> = z.looseObject({
  service_account_file: z.string().nullable().default(null),
  service_account_info: secretDict.nullable().default(null),
  project: z.string().nullable().default(null),
})
