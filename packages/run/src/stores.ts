import type { Client } from '@prefect-ts/api'
import type { AnyBlock } from '@prefect-ts/blocks'
import type { Store } from '@prefect-ts/store'
import { parseDatastores, type RunDatastores } from './context.ts'
import { RunError } from './errors.ts'
import type { OpenStoreOptions, Run } from './run.ts'

export interface BlockSource {
  client: () => Client
  blocks: Readonly<Record<string, Record<string, unknown>>>
  env: NodeJS.ProcessEnv
  signal: AbortSignal
}

/**
 * `run.loadBlock`: given blocks first, then those of environment variables, then the server's.
 * `@prefect-ts/blocks` is loaded on first use.
 */
export function createBlockLoader(source: BlockSource): Run['loadBlock'] {
  const { client, blocks, env, signal } = source
  async function load(reference: string): Promise<AnyBlock> {
    const { loadBlock } = await importPackage(
      '@prefect-ts/blocks',
      () => import('@prefect-ts/blocks'),
    )
    if (Object.keys({ ...blocks, ...env }).some(isLocalBlock)) {
      const { createLocalBlocks } = await import('@prefect-ts/blocks/local')
      const local = await createLocalBlocks({ blocks, env }).find(reference)
      if (local !== undefined) return local
    }
    return loadBlock(reference, { client: client(), signal })
  }
  // The reference's literal says which of the blocks it is.
  return load as Run['loadBlock']
}

/** A reference, or the variable of a block: what only then needs the code for blocks without a server. */
function isLocalBlock(key: string): boolean {
  return key.includes('/') || key.startsWith('PREFECT_TS_BLOCK_')
}

/** `run.openStore`: a datastore's name becomes its block, the block's adapter opens the store. */
export async function openDatastore(
  datastore: string | undefined,
  datastores: RunDatastores,
  loadBlock: Run['loadBlock'],
  options: OpenStoreOptions,
): Promise<Store> {
  const reference = resolveDatastore(datastore ?? datastores.default ?? 'local', datastores)
  const { openStore } = await importPackage('@prefect-ts/store', () => import('@prefect-ts/store'))
  return openStore(await loadBlock(reference), options)
}

/** The block (`slug/name`) of a datastore. */
export function resolveDatastore(datastore: string, datastores: RunDatastores): string {
  if (datastore.includes('/')) return datastore
  if (datastore !== 'local' && datastore !== 'remote') {
    throw new RunError(
      'UNKNOWN_DATASTORE',
      `"${datastore}" is neither "local", "remote" nor a block name "slug/name".`,
    )
  }
  const reference = datastores[datastore]
  if (reference !== undefined) return reference
  throw new RunError(
    'UNKNOWN_DATASTORE',
    `No block is named for the datastore "${datastore}": set PREFECT_DATA_BLOCK_${datastore.toUpperCase()} ` +
      `to one like "local-file-system/my-data", or pass datastores to node_operation.`,
  )
}

/** The datastores in force: the flow's, then the environment's, then the job's own. */
export function mergeDatastores(
  fromFlow: RunDatastores | undefined,
  env: NodeJS.ProcessEnv,
  fromJob: RunDatastores | undefined,
): RunDatastores {
  const variables = {
    local: ['PREFECT_DATA_BLOCK_LOCAL', 'a block name like "local-file-system/etl-data"'],
    remote: ['PREFECT_DATA_BLOCK_REMOTE', 'a block name like "s3-bucket/etl-data"'],
    default: ['PREFECT_DATASTORE_DEFAULT_TYPE', '"local" or "remote"'],
  } as const
  const values = Object.fromEntries(
    Object.entries(variables).map(([key, [variable]]) => [key, env[variable] || undefined]),
  )
  const fromEnvironment = parseDatastores(values, (field) => {
    const [variable, expected] =
      variables[field.replace('datastores.', '') as keyof typeof variables]
    return new RunError('UNKNOWN_DATASTORE', `${variable} is not ${expected}.`)
  })
  return { ...fromJob, ...fromEnvironment, ...fromFlow }
}

async function importPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'))
      throw cause
    throw new RunError('MISSING_PACKAGE', `${name} is not installed: npm install ${name}`, {
      cause,
    })
  }
}
