// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { nullable, text } from '../fields.ts'

/**
 * Represents a container in Azure Blob Storage.
 *
 * This class provides methods for downloading and uploading files and folders
 * to and from the Azure Blob Storage container.
 */
export interface AzureBlobStorageContainerData {
  /** The name of a Azure Blob Storage container. */
  container_name: string
  /** The credentials to use for authentication with Azure. */
  credentials: Block<'azure-blob-storage-credentials'>
  /** A base path to a folder within the container to use for reading and writing objects. */
  base_folder: string | null
}

export const blockModule: BlockModule<AzureBlobStorageContainerData, 'credentials'> = {
  nested: {
    credentials: {
      types: ['azure-blob-storage-credentials'],
      whenMissing: 'azure-blob-storage-credentials',
    },
  },
  readers: {
    container_name: text,
    base_folder: nullable(text),
  },
}
