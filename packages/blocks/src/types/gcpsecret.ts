// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { text, withDefault } from '../fields.ts'

/** Manages a secret in Google Cloud Platform's Secret Manager. */
export interface GcpsecretData {
  gcp_credentials: Block<'gcp-credentials'>
  /** Name of the secret to manage. */
  secret_name: string
  /**
   * Version number of the secret to use.
   * @default 'latest'
   */
  secret_version: string
}

export const blockModule: BlockModule<GcpsecretData, 'gcp_credentials'> = {
  nested: {
    gcp_credentials: { types: ['gcp-credentials'] },
  },
  readers: {
    secret_name: text,
    secret_version: withDefault(text, 'latest'),
  },
}
