// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { text, withDefault } from '../fields.ts'

/**
 * Block used to store data using GCP Cloud Storage Buckets.
 *
 * Note! `GcsBucket` in `prefect-gcp` is a unique block, separate from `GCS`
 * in core Prefect. `GcsBucket` does not use `gcsfs` under the hood,
 * instead using the `google-cloud-storage` package, and offers more configuration
 * and functionality.
 */
export interface GcsBucketData {
  /** Name of the bucket. */
  bucket: string
  /** The credentials to authenticate with GCP. */
  gcp_credentials: Block<'gcp-credentials'>
  /**
   * A default path to a folder within the GCS bucket to use for reading and writing objects.
   * @default ''
   */
  bucket_folder: string
}

export const blockModule: BlockModule<GcsBucketData, 'gcp_credentials'> = {
  nested: {
    gcp_credentials: { types: ['gcp-credentials'], whenMissing: 'gcp-credentials' },
  },
  readers: {
    bucket: text,
    bucket_folder: withDefault(text, ''),
  },
}
