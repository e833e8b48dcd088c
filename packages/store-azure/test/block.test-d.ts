import type { Block } from '@prefect-ts/blocks'
import { azureAdapter } from '@prefect-ts/store-azure'

declare const container: Block<'azure-blob-storage-container'>
declare const remote: Block<'remote-file-system'>
declare const other: Block<'gcs-bucket'>

void azureAdapter.open(container)
void azureAdapter.open(remote)
// @ts-expect-error a block of another type
void azureAdapter.open(other)
