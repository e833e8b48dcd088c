// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Stores credentials for authenticating with Azure Blob Storage.
 *
 * Authentication can be done using one of the following methods:
 * 1. Connection string: Provide a connection string for your Azure storage account.
 * 2. Account URL with DefaultAzureCredential: Provide an account URL and credentials
 *    will be discovered automatically using DefaultAzureCredential.
 * 3. Account URL with Service Principal: Provide an account URL along with client_id,
 *    tenant_id, and client_secret for service principal authentication.
 */
export interface AzureBlobStorageCredentialsData {
  /** The connection string to your Azure storage account. If provided, the connection string will take precedence over the account URL. */
  connection_string: Secret | null
  /** The URL for your Azure storage account. Required for DefaultAzureCredential or service principal authentication. */
  account_url: string | null
  /** The service principal client ID. If provided, tenant_id and client_secret must also be provided for service principal authentication. */
  client_id: string | null
  /** The service principal tenant ID. If provided, client_id and client_secret must also be provided for service principal authentication. */
  tenant_id: string | null
  /** The service principal client secret. If provided, client_id and tenant_id must also be provided for service principal authentication. */
  client_secret: Secret | null
}

export const blockModule: BlockModule<AzureBlobStorageCredentialsData> = {
  readers: {
    connection_string: nullable(secretText),
    account_url: nullable(text),
    client_id: nullable(text),
    tenant_id: nullable(text),
    client_secret: nullable(secretText),
  },
}
