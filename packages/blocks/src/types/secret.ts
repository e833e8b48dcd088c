// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { secretJson } from '../secret-readers.ts'

/** A block that represents a secret value. The value stored in this block will be obfuscated when this block is viewed or edited in the UI. */
export interface SecretData {
  /** A value that should be kept secret. */
  value: Secret
}

export const blockModule: BlockModule<SecretData> = {
  readers: {
    value: secretJson,
  },
}
