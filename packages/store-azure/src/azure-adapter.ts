import { StoreError } from '@prefect-ts/store'
import type { BlockLike, Store, StoreAdapter } from '@prefect-ts/store'
import {
  blockFields,
  checkEndpoint,
  isRemoteBlock,
  openRemoteBase,
  refuseBlock,
  reveal,
} from '@prefect-ts/store/adapter'
import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { openAzureStore } from './azure-store.ts'
import { folderNames, remoteNames } from './blob-names.ts'
import { accountConnection } from './connection.ts'
import type { AzureAccount, AzureCredential } from './connection.ts'

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
  let account: AzureAccount
  if (connectionString !== undefined) {
    if (principal !== undefined) {
      throw refuseBlock(
        block,
        'client_id, tenant_id and client_secret of its credentials need account_url',
      )
    }
    account = { kind: 'connection-string', value: connectionString, from: 'connection_string' }
  } else {
    account = {
      kind: 'url',
      url: checkEndpoint(accountUrl ?? '', 'account_url'),
      credential: principal ?? { kind: 'default' },
    }
  }
  return openAzureStore(
    container,
    folderNames(folder),
    inBlock(block, () => accountConnection(account, container)),
    {},
  )
}

// The options of adlfs that say which account and who asks, and the environment variables that adlfs takes them from.
const remoteFields = [
  'account_name',
  'account_key',
  'connection_string',
  'sas_token',
  'client_id',
  'client_secret',
  'tenant_id',
  'account_host',
] as const

function openRemote(block: RemoteFileSystemBlock): Store {
  const { settings = {} } = blockFields(block, block.data, 'the block', ['basepath', 'settings'])
  const { anon, ...rest } = blockFields(block, settings, 'its settings', [...remoteFields, 'anon'])
  const given = textFields(block, rest, 'its settings', remoteFields)
  const texts = { ...given }
  for (const name of remoteFields) {
    const value = process.env[`AZURE_STORAGE_${name.toUpperCase()}`]
    if (name !== 'account_host' && texts[name] === undefined && value) texts[name] = value
  }
  const base = openRemoteBase(block)
  const account = remoteAccount(block, texts, anon)
  return openAzureStore(
    base.bucket,
    remoteNames(base),
    inBlock(block, () => accountConnection(account, base.bucket)),
    {},
  )
}

/** In adlfs's order: connection string, service principal, account key, shared access signature, default credentials. */
function remoteAccount(
  block: RemoteFileSystemBlock,
  texts: Partial<Record<(typeof remoteFields)[number], string>>,
  anon: unknown,
): AzureAccount {
  const { account_name: name, account_key: key, connection_string: connectionString } = texts
  if (connectionString !== undefined) {
    return { kind: 'connection-string', value: connectionString, from: 'connection_string' }
  }
  if (name === undefined) {
    throw refuseBlock(block, 'its settings have neither connection_string nor account_name')
  }
  const host = texts.account_host ?? `${name}.blob.core.windows.net`
  const url = checkEndpoint(`https://${host}`, 'account_host')
  if (key !== undefined) {
    return { kind: 'url', url, credential: { kind: 'shared-key', account: name, key } }
  }
  if (texts.sas_token !== undefined) {
    url.search = texts.sas_token
    return { kind: 'url', url, credential: { kind: 'anonymous' } }
  }
  const principal = principalOf(block, texts, 'settings')
  if (principal !== undefined) return { kind: 'url', url, credential: principal }
  if (anon !== undefined && typeof anon !== 'boolean') {
    throw refuseBlock(block, 'anon of its settings is neither true nor false')
  }
  const variable = process.env['AZURE_STORAGE_ANON']?.toLowerCase() ?? ''
  const isAnonymous = anon ?? !['', 'false', '0', 'f'].includes(variable)
  return { kind: 'url', url, credential: { kind: isAnonymous ? 'anonymous' : 'default' } }
}

/** The three fields of a service principal: all of them or none. */
function principalOf(
  block: BlockLike,
  texts: Partial<Record<'client_id' | 'tenant_id' | 'client_secret', string>>,
  where: string,
): AzureCredential | undefined {
  const { client_id: clientId, tenant_id: tenantId, client_secret: clientSecret } = texts
  const missing = (['client_id', 'tenant_id', 'client_secret'] as const).filter(
    (name) => texts[name] === undefined,
  )
  if (missing.length === 3) return undefined
  if (clientId === undefined || tenantId === undefined || clientSecret === undefined) {
    throw refuseBlock(
      block,
      `its ${where} lack ${missing.join(' and ')}: a service principal needs client_id, tenant_id and client_secret`,
    )
  }
  return { kind: 'service-principal', tenantId, clientId, clientSecret }
}

/** Fields that must be texts; an empty one counts as none. */
function textFields<Name extends string>(
  block: BlockLike,
  value: unknown,
  where: string,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const fields = blockFields(block, value, where, known)
  const texts: Partial<Record<Name, string>> = {}
  for (const name of known) {
    const text = reveal(fields[name])
    if (text === undefined || text === '') continue
    if (typeof text !== 'string') throw refuseBlock(block, `${name} of ${where} is no text`)
    texts[name] = text
  }
  return texts
}

/** Says in which block an account is that can't be one. */
function inBlock<T>(block: BlockLike, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof StoreError ? refuseBlock(block, error.message) : error
  }
}
