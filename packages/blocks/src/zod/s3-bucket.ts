// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { S3BucketData } from '../types/s3-bucket.ts'
import { awsCredentialsSchema } from './aws-credentials.ts'
import { nestedBlock } from './helpers.ts'
import { minioCredentialsSchema } from './minio-credentials.ts'

/** The data of a `s3-bucket` block. */
export const s3BucketSchema: z.ZodType<S3BucketData> = z.looseObject({
  bucket_name: z.string(),
  credentials: nestedBlock({
    'aws-credentials': awsCredentialsSchema,
    'minio-credentials': minioCredentialsSchema,
  }).prefault({ type: 'aws-credentials', data: {} }),
  bucket_folder: z.string().prefault(''),
})
