export { azureAdapter } from './azure-adapter.ts'
export type { AzureBlobStorageContainerBlock } from './azure-adapter.ts'
export { createAzureStore } from './azure-store.ts'
export type { CreateAzureStoreOptions } from './azure-store.ts'
