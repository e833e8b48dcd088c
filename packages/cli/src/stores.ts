import type { AnyBlock } from '@prefect-ts/blocks'
import type { Store, StoreAdapter } from '@prefect-ts/store'
import type { CommandContext } from './command.ts'

// A cloud's SDK costs more than everything else here: only the package that the block needs is loaded.
const adaptersByType: Readonly<Record<string, () => Promise<StoreAdapter[]>>> = {
  'local-file-system': async () => [(await import('@prefect-ts/store-local')).localAdapter],
}

/** Whether blocks of this type describe a store. */
export function isStoreType(type: string): boolean {
  return Object.hasOwn(adaptersByType, type)
}

/** The store that a block describes. */
export async function openBlockStore(block: AnyBlock): Promise<Store> {
  const { openStore } = await import('@prefect-ts/store')
  return await openStore(block, { adapters: (await adaptersByType[block.type]?.()) ?? [] })
}

/** The block of that reference. */
export async function readBlock(context: CommandContext, reference: string): Promise<AnyBlock> {
  const { loadBlock } = await import('@prefect-ts/blocks')
  return await loadBlock(reference, { client: await context.client(), signal: context.signal })
}
