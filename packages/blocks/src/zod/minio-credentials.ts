// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { MinioCredentialsData } from '../types/minio-credentials.ts'
import { secretText } from './helpers.ts'
import { awsClientParametersSchema } from './models/aws-client-parameters.ts'

/** The data of a `minio-credentials` block. */
export const minioCredentialsSchema: z.ZodType<MinioCredentialsData> = z.looseObject({
  minio_root_user: z.string(),
  minio_root_password: secretText,
  region_name: z.string().nullable().default(null),
  aws_client_parameters: awsClientParametersSchema.prefault({}),
})
