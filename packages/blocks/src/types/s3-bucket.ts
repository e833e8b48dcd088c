// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { text, withDefault } from '../fields.ts'

/** Block used to store data using AWS S3 or S3-compatible object storage like MinIO. */
export interface S3BucketData {
  /** Name of your bucket. */
  bucket_name: string
  /** A block containing your credentials to AWS or MinIO. */
  credentials: Block<'aws-credentials'> | Block<'minio-credentials'>
  /**
   * A default path to a folder within the S3 bucket to use for reading and writing objects.
   * @default ''
   */
  bucket_folder: string
}

export const blockModule: BlockModule<S3BucketData, 'credentials'> = {
  nested: {
    credentials: {
      types: ['aws-credentials', 'minio-credentials'],
      whenMissing: 'aws-credentials',
    },
  },
  readers: {
    bucket_name: text,
    bucket_folder: withDefault(text, ''),
  },
}
