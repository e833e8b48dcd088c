// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { AzureBlobStorageContainerData } from '../types/azure-blob-storage-container.ts'
import { azureBlobStorageCredentialsSchema } from './azure-blob-storage-credentials.ts'
import { nestedBlock } from './helpers.ts'

/** The data of a `azure-blob-storage-container` block. */
export const azureBlobStorageContainerSchema: z.ZodType<AzureBlobStorageContainerData> =
  z.looseObject({
    container_name: z.string(),
    credentials: nestedBlock({
      'azure-blob-storage-credentials': azureBlobStorageCredentialsSchema,
    }).prefault({ type: 'azure-blob-storage-credentials', data: {} }),
    base_folder: z.string().nullable().default(null),
  })
