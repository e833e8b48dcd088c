// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { GcsBucketData } from '../types/gcs-bucket.ts'
import { gcpCredentialsSchema } from './gcp-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `gcs-bucket` block. */
export const gcsBucketSchema: z.ZodType<GcsBucketData> = z.looseObject({
  bucket: z.string(),
  gcp_credentials: nestedBlock({ 'gcp-credentials': gcpCredentialsSchema }).prefault({
    type: 'gcp-credentials',
    data: {},
  }),
  bucket_folder: z.string().prefault(''),
})
