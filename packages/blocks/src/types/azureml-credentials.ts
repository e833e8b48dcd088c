// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { text } from '../fields.ts'
import { secretText } from '../secret-readers.ts'

/**
 * Block used to manage authentication with AzureML. Azure authentication is
 * handled via the `azure` module.
 */
export interface AzuremlCredentialsData {
  /** The active directory tenant that the service identity belongs to. */
  tenant_id: string
  /** The service principal ID. */
  service_principal_id: string
  /** The service principal password/key. */
  service_principal_password: Secret
  /** The Azure subscription ID containing the workspace, in format: '00000000-0000-0000-0000-000000000000'. */
  subscription_id: string
  /** The resource group containing the workspace. */
  resource_group: string
  /** The existing workspace name. */
  workspace_name: string
}

export const blockModule: BlockModule<AzuremlCredentialsData> = {
  readers: {
    tenant_id: text,
    service_principal_id: text,
    service_principal_password: secretText,
    subscription_id: text,
    resource_group: text,
    workspace_name: text,
  },
}
