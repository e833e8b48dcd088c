import type { Block } from '../block.ts'
import type { BlockModule } from '../block-module.ts'
import type { Fields } from '../document.ts'
import { text, withDefault } from '../fields.ts'

/** Fields of `S3Bucket` (prefect-aws). */
export interface S3BucketData {
  /** The bucket's name. */
  bucket_name: string
  /** The credentials: without any saved, an `aws-credentials` block with nothing filled in. */
  credentials: Block<'aws-credentials'> | Block<'minio-credentials'>
  /** The folder within the bucket, as it was typed: with or without slashes. @default '' */
  bucket_folder: string
}

export const blockModule: BlockModule<S3BucketData, 'credentials'> = {
  nested: {
    credentials: {
      types: ['aws-credentials', 'minio-credentials'],
      byShape: credentialsByShape,
      byDefault: 'aws-credentials',
    },
  },
  readers: {
    bucket_name: text,
    bucket_folder: withDefault(text, ''),
  },
}

/**
 * Python tries MinIO, then takes anything for AWS credentials, so that a mistyped object silently
 * means the machine's own credentials. Here it must have a field of one or the other, or be empty.
 */
function credentialsByShape(data: Fields): string | undefined {
  const fields = Object.keys(data)
  if (fields.some((field) => field.startsWith('minio_'))) return 'minio-credentials'
  if (fields.length === 0) return 'aws-credentials'
  return fields.some((field) => AWS_FIELDS.has(field)) ? 'aws-credentials' : undefined
}

const AWS_FIELDS: ReadonlySet<string> = new Set([
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'profile_name',
  'region_name',
  'aws_client_parameters',
  'assume_role_arn',
  'assume_role_kwargs',
])
