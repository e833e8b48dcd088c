// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GcpsecretData } from '../types/gcpsecret.ts'
import { gcpCredentialsSchema } from './gcp-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `gcpsecret` block. */
export const gcpsecretSchema: z.ZodType<GcpsecretData> = z.looseObject({
  gcp_credentials: nestedBlock({ 'gcp-credentials': gcpCredentialsSchema }),
  secret_name: z.string(),
  secret_version: z.string().prefault('latest'),
})
