// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Block used to manage Cosmos DB authentication with Azure.
 * Azure authentication is handled via the `azure` module through
 * a connection string.
 */
export interface AzureCosmosDbCredentialsData {
  /** Includes the authorization information required. */
  connection_string: Secret
}

export const blockModule: BlockModule<AzureCosmosDbCredentialsData> = {
  readers: {
    connection_string: secretText,
  },
}
