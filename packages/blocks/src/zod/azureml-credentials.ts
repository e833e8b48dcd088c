// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzuremlCredentialsData } from '../types/azureml-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `azureml-credentials` block. */
export const azuremlCredentialsSchema: z.ZodType<AzuremlCredentialsData> = z.looseObject({
  tenant_id: z.string(),
  service_principal_id: z.string(),
  service_principal_password: secretText,
  subscription_id: z.string(),
  resource_group: z.string(),
  workspace_name: z.string(),
})
