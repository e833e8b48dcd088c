// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { text } from '../fields.ts'

/** Manages a secret in AWS's Secrets Manager. */
export interface AwsSecretData {
  aws_credentials: Block<'aws-credentials'>
  /** The name of the secret. */
  secret_name: string
}

export const blockModule: BlockModule<AwsSecretData, 'aws_credentials'> = {
  nested: {
    aws_credentials: { types: ['aws-credentials'] },
  },
  readers: {
    secret_name: text,
  },
}
