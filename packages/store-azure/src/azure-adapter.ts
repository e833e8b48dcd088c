import type { Store, StoreAdapter } from '@prefect-ts/store'
import {
  blockFields,
  checkEndpoint,
  isRemoteBlock,
  openRemoteBase,
  refuseBlock,
} from '@prefect-ts/store/adapter'
import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { openAzureStore } from './azure-store.ts'
import { folderNames, remoteNames } from './blob-names.ts'
import { inBlock, principalOf, textFields } from './block-texts.ts'
import { accountConnection } from './connection.ts'
import type { AzureAccount } from './connection.ts'
import { readConnectionString } from './connection-string.ts'
import { remoteAccount } from './remote-settings.ts'

/** Prefect's AzureBlobStorageContainer block (prefect-azure), as far as a store needs it. */
export interface AzureBlobStorageContainerBlock {
  /** Slug of the block type. */
  readonly type: 'azure-blob-storage-container'
  /** Name of the block document. */
  readonly name?: string | undefined
  /** The block's fields. */
  readonly data: {
    /** Name of the container. */
    readonly container_name: string
    /** Folder in it. Null takes paths as they are, which '' does not. */
    readonly base_folder?: string | null | undefined
    /** The nested AzureBlobStorageCredentials block, or its fields. */
    readonly credentials: object
  }
}

/**
 * Opens `azure-blob-storage-container` blocks, and `remote-file-system` blocks of `az://`, `abfs://` and `abfss://`, with
 * `openStore`. Refuses fields and settings that it does not know, and credentials that are incomplete, with
 * `INVALID_CONFIG`.
 */
export const azureAdapter: StoreAdapter<AzureBlobStorageContainerBlock | RemoteFileSystemBlock> = {
  types: ['azure-blob-storage-container', 'remote-file-system'],
  accepts: (block) =>
    block.type === 'azure-blob-storage-container' || isRemoteBlock(block, ['az', 'abfs', 'abfss']),
  open: (block) =>
    block.type === 'azure-blob-storage-container' ? openContainer(block) : openRemote(block),
}

function openContainer(block: AzureBlobStorageContainerBlock): Store {
  const known = ['container_name', 'base_folder', 'credentials'] as const
  const data = blockFields(block, block.data, 'the block', known)
  const { container_name: container, base_folder: folder, credentials: nested } = data
  if (typeof container !== 'string') throw refuseBlock(block, 'its container_name is no text')
  if (folder !== undefined && typeof folder !== 'string') {
    throw refuseBlock(block, 'its base_folder is no text')
  }
  if (nested === undefined) throw refuseBlock(block, 'it has no credentials')
  const isBlock = typeof nested === 'object' && nested !== null && 'data' in nested
  const texts = textFields(block, isBlock ? nested.data : nested, 'credentials', [
    'connection_string',
    'account_url',
    'client_id',
    'tenant_id',
    'client_secret',
  ])
  const { connection_string: connectionString, account_url: accountUrl } = texts
  if ((connectionString === undefined) === (accountUrl === undefined)) {
    throw refuseBlock(block, 'its credentials need one of connection_string and account_url')
  }
  const principal = principalOf(block, texts, 'credentials')
  if (connectionString !== undefined && principal !== undefined) {
    throw refuseBlock(
      block,
      'client_id, tenant_id and client_secret of its credentials need account_url',
    )
  }
  const account: AzureAccount =
    connectionString === undefined
      ? {
          url: checkEndpoint(accountUrl ?? '', 'account_url'),
          credential: principal ?? { kind: 'default' },
        }
      : inBlock(block, () => readConnectionString(connectionString, 'connection_string'))
  return openAzureStore(
    container,
    folderNames(folder),
    inBlock(block, () => accountConnection(account, container)),
    {},
  )
}

function openRemote(block: RemoteFileSystemBlock): Store {
  const account = remoteAccount(block)
  const base = openRemoteBase(block)
  return openAzureStore(
    base.bucket,
    remoteNames(base),
    inBlock(block, () => accountConnection(account, base.bucket)),
    {},
  )
}
