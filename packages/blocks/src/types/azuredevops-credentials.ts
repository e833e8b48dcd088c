// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/** Block used to authenticate with Azure DevOps using a Personal Access Token. */
export interface AzuredevopsCredentialsData {
  /** A Personal Access token to authenticate with AzureDevops. */
  token: Secret | null
}

export const blockModule: BlockModule<AzuredevopsCredentialsData> = {
  readers: {
    token: nullable(secretText),
  },
}
