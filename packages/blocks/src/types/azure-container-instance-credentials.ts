// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { anyFields, nullable, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Block used to manage Azure Container Instances authentication. Stores Azure Service
 * Principal authentication data.
 */
export interface AzureContainerInstanceCredentialsData {
  /** The service principal client ID. If none of client_id, tenant_id, and client_secret are provided, will use DefaultAzureCredential; else will need to provide all three to use ClientSecretCredential. */
  client_id: string | null
  /** The service principal tenant ID.If none of client_id, tenant_id, and client_secret are provided, will use DefaultAzureCredential; else will need to provide all three to use ClientSecretCredential. */
  tenant_id: string | null
  /** The service principal client secret.If none of client_id, tenant_id, and client_secret are provided, will use DefaultAzureCredential; else will need to provide all three to use ClientSecretCredential. */
  client_secret: Secret | null
  /** Additional keyword arguments to pass to `ClientSecretCredential` or `DefaultAzureCredential`. */
  credential_kwargs: Record<string, unknown>
}

export const blockModule: BlockModule<AzureContainerInstanceCredentialsData> = {
  readers: {
    client_id: nullable(text),
    tenant_id: nullable(text),
    client_secret: nullable(secretText),
    credential_kwargs: withDefault(anyFields, {}),
  },
}
