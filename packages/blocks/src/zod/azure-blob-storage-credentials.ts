// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzureBlobStorageCredentialsData } from '../types/azure-blob-storage-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `azure-blob-storage-credentials` block. */
export const azureBlobStorageCredentialsSchema: z.ZodType<AzureBlobStorageCredentialsData> =
  z.looseObject({
    connection_string: secretText.nullable().default(null),
    account_url: z.string().nullable().default(null),
    client_id: z.string().nullable().default(null),
    tenant_id: z.string().nullable().default(null),
    client_secret: secretText.nullable().default(null),
  })
