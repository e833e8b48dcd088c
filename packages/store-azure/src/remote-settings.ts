import { blockFields, checkEndpoint, refuseBlock } from '@prefect-ts/store/adapter'
import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { inBlock, principalOf, textFields } from './block-texts.ts'
import type { AzureAccount } from './connection.ts'
import { readConnectionString } from './connection-string.ts'

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

/** The account of a RemoteFileSystem block, from its settings and the environment. */
export function remoteAccount(block: RemoteFileSystemBlock): AzureAccount {
  const { settings = {} } = blockFields(block, block.data, 'the block', ['basepath', 'settings'])
  const { anon, ...rest } = blockFields(block, settings, 'its settings', [...remoteFields, 'anon'])
  const texts = textFields(block, rest, 'its settings', remoteFields)
  for (const name of remoteFields) {
    const value = process.env[`AZURE_STORAGE_${name.toUpperCase()}`]
    if (name !== 'account_host' && texts[name] === undefined && value) texts[name] = value
  }
  return accountOf(block, texts, anon)
}

/** In adlfs's order: connection string, service principal, account key, shared access signature, default credentials. */
function accountOf(
  block: RemoteFileSystemBlock,
  texts: Partial<Record<(typeof remoteFields)[number], string>>,
  anon: unknown,
): AzureAccount {
  const { account_name: name, account_key: key, connection_string: connectionString } = texts
  if (connectionString !== undefined) {
    return inBlock(block, () => readConnectionString(connectionString, 'connection_string'))
  }
  if (name === undefined) {
    throw refuseBlock(block, 'its settings have neither connection_string nor account_name')
  }
  const host = texts.account_host ?? `${name}.blob.core.windows.net`
  const url = checkEndpoint(`https://${host}`, 'account_host')
  if (key !== undefined) {
    return { url, credential: { kind: 'shared-key', account: name, key } }
  }
  if (texts.sas_token !== undefined) {
    url.search = texts.sas_token
    return { url, credential: { kind: 'anonymous' } }
  }
  const principal = principalOf(block, texts, 'settings')
  if (principal !== undefined) return { url, credential: principal }
  if (anon !== undefined && typeof anon !== 'boolean') {
    throw refuseBlock(block, 'anon of its settings is neither true nor false')
  }
  const variable = process.env['AZURE_STORAGE_ANON']?.toLowerCase() ?? ''
  const isAnonymous = anon ?? !['', 'false', '0', 'f'].includes(variable)
  return { url, credential: { kind: isAnonymous ? 'anonymous' : 'default' } }
}
