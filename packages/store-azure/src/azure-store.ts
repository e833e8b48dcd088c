import type { BlobServiceClient } from '@azure/storage-blob'
import { createStore, StoreError } from '@prefect-ts/store'
import type { CreateStoreOptions, Store } from '@prefect-ts/store'
import { checkEndpoint } from '@prefect-ts/store/adapter'
import { createAzureDriver } from './azure-driver.ts'
import { folderNames } from './blob-names.ts'
import type { BlobNames } from './blob-names.ts'
import { accountConnection, clientConnection } from './connection.ts'
import type { AzureAccount, AzureConnection } from './connection.ts'
import { readConnectionString } from './connection-string.ts'

/** Options of `createAzureStore`. One of `client`, `connectionString` and `accountUrl` says where the account is. */
export interface CreateAzureStoreOptions extends CreateStoreOptions {
  /** Name of the container. */
  container: string
  /** Folder in the container, by the rules of Prefect's AzureBlobStorageContainer block. */
  folder?: string | undefined
  /** Your own client of @azure/storage-blob. */
  client?: BlobServiceClient | undefined
  /** Connection string of the account, with its key or a shared access signature. */
  connectionString?: string | undefined
  /** URL of the account, `https://<name>.blob.core.windows.net`, with Azure's default credentials. */
  accountUrl?: string | undefined
}

/**
 * A store in a container of Azure Blob Storage. The SDK is loaded and the account asked with the first call. Throws
 * `INVALID_CONFIG` when account, container or folder can't be one.
 *
 * @example
 * const store = createAzureStore({ accountUrl: 'https://willow.blob.core.windows.net', container: 'data' })
 */
export function createAzureStore(options: CreateAzureStoreOptions): Store {
  const { container, folder, client, connectionString, accountUrl, ...rest } = options
  const given = [client, connectionString, accountUrl].filter((place) => place !== undefined)
  if (given.length !== 1) {
    const message = 'Say where the account is by one of client, connectionString and accountUrl'
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  const names = folderNames(folder)
  if (client !== undefined) {
    return openAzureStore(container, names, clientConnection(client, container), rest)
  }
  const account: AzureAccount =
    connectionString === undefined
      ? { url: checkEndpoint(accountUrl ?? '', 'accountUrl'), credential: { kind: 'default' } }
      : readConnectionString(connectionString, 'connectionString')
  return openAzureStore(container, names, accountConnection(account, container), rest)
}

const containerPattern = /^(\$root|\$web|[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9])$/

/** Makes the store of a container. */
export function openAzureStore(
  container: string,
  names: BlobNames,
  connection: AzureConnection,
  options: CreateStoreOptions,
): Store {
  if (!containerPattern.test(container)) {
    const message = `${JSON.stringify(container)} is not the name of a container: 3 to 63 of a-z, 0-9 and single "-"`
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  return createStore(createAzureDriver(container, names, connection), options)
}
