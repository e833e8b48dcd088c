// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzureContainerInstanceCredentialsData } from '../types/azure-container-instance-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `azure-container-instance-credentials` block. */
export const azureContainerInstanceCredentialsSchema: z.ZodType<AzureContainerInstanceCredentialsData> =
  z.looseObject({
    client_id: z.string().nullable().default(null),
    tenant_id: z.string().nullable().default(null),
    client_secret: secretText.nullable().default(null),
    credential_kwargs: z.record(z.string(), z.unknown()).prefault({}),
  })
