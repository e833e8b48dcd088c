// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { nullable, text } from '../fields.ts'
import { urlText } from '../secret-readers.ts'

/** Interact with files stored in BitBucket repositories. */
export interface BitbucketRepositoryData {
  /** The URL of a BitBucket repository to read from in HTTPS format */
  repository: string | Secret
  /** An optional reference to pin to; can be a branch or tag. */
  reference: string | null
  /** An optional BitBucketCredentials block for authenticating with private BitBucket repos. */
  bitbucket_credentials: Block<'bitbucket-credentials'> | null
}

export const blockModule: BlockModule<BitbucketRepositoryData, 'bitbucket_credentials'> = {
  nested: {
    bitbucket_credentials: { types: ['bitbucket-credentials'], whenMissing: null },
  },
  readers: {
    repository: urlText,
    reference: nullable(text),
  },
}
