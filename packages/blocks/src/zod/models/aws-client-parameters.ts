// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AwsClientParameters } from '../../types/models/aws-client-parameters.ts'

export const awsClientParametersSchema: z.ZodType<AwsClientParameters> = z.looseObject({
  api_version: z.string().nullable().default(null),
  use_ssl: z.boolean().prefault(true),
  verify: z.union([z.boolean(), z.string()]).nullable().default(null),
  verify_cert_path: z.string().nullable().default(null),
  endpoint_url: z.string().nullable().default(null),
  config: z.record(z.string(), z.unknown()).nullable().default(null),
})
