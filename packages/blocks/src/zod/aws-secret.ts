// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AwsSecretData } from '../types/aws-secret.ts'
import { awsCredentialsSchema } from './aws-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `aws-secret` block. */
export const awsSecretSchema: z.ZodType<AwsSecretData> = z.looseObject({
  aws_credentials: nestedBlock({ 'aws-credentials': awsCredentialsSchema }),
  secret_name: z.string(),
})
