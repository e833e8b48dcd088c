import type { AnyBlock } from '@prefect-ts/blocks'
import type { Store, StoreAdapter } from '@prefect-ts/store'
import type { CommandContext } from './command.ts'
import { UsageError } from './errors.ts'

type LoadAdapter = () => Promise<StoreAdapter>

const local: LoadAdapter = async () => (await import('@prefect-ts/store-local')).localAdapter
const s3: LoadAdapter = async () => (await import('@prefect-ts/store-s3')).s3Adapter
const gcs: LoadAdapter = async () => (await import('@prefect-ts/store-gcs')).gcsAdapter
const azure: LoadAdapter = async () => (await import('@prefect-ts/store-azure')).azureAdapter

// Only the package that the block needs is loaded.
const adaptersByType: Readonly<Record<string, readonly LoadAdapter[]>> = {
  'local-file-system': [local],
  's3-bucket': [s3],
  'gcs-bucket': [gcs],
  'azure-blob-storage-container': [azure],
  'remote-file-system': [s3, gcs, azure],
}

/** Whether blocks of this type describe a store. */
export function isStoreType(type: string): boolean {
  return Object.hasOwn(adaptersByType, type)
}

/** The store that a block describes. */
export async function openBlockStore(block: AnyBlock): Promise<Store> {
  const { openStore } = await import('@prefect-ts/store')
  const adapters = await Promise.all((adaptersByType[block.type] ?? []).map((load) => load()))
  return await openStore(block, { adapters })
}

/** The block of that reference. */
export async function readBlock(context: CommandContext, reference: string): Promise<AnyBlock> {
  const { loadBlock } = await import('@prefect-ts/blocks')
  return await loadBlock(reference, { client: await context.client(), signal: context.signal })
}

/** The store of `--block`, else of the datastore that a job would use here. */
export async function openContextStore(context: CommandContext): Promise<Store> {
  const { env } = context
  const type = env['PREFECT_DATASTORE_DEFAULT_TYPE'] || 'local'
  const variable = `PREFECT_DATA_BLOCK_${type.toUpperCase()}`
  const reference = context.value('block') ?? env[variable]
  if (!reference) {
    throw new UsageError(`say where the data is: --block slug/name, or ${variable}`)
  }
  return await openBlockStore(await readBlock(context, reference))
}
