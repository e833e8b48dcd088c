import { StoreError } from './errors.ts'
import type { Store } from './store.ts'

/** A Prefect block as stores see it: by shape, so that they need no Prefect package. Secrets are `{ reveal(): string }`. */
export interface BlockLike {
  /** Slug of the block type, such as `local-file-system`. */
  readonly type: string
  /** Name of the block document, when it has one. */
  readonly name?: string | undefined
  /** The block's fields under Prefect's own names. */
  readonly data: object
}

/** Opens stores of some block types. Every `@prefect-ts/store-*` package exports one. */
export interface StoreAdapter<B extends BlockLike = BlockLike> {
  /** Slugs of the block types it opens. */
  readonly types: readonly B['type'][]
  /**
   * For a type that several backends share (`remote-file-system`): whether this block is one of theirs, by its
   * scheme. Without it the adapter takes every block of its types.
   */
  accepts?(block: B): boolean
  /** Makes a store from a block of one of these types; refuses unusable fields with `INVALID_CONFIG`. */
  open(block: B): Store | Promise<Store>
}

/** Options of `openStore`. */
export interface OpenStoreOptions {
  /** The adapters to choose from. The first that knows the block's type, and accepts the block, opens it. */
  adapters: readonly StoreAdapter[]
}

/**
 * Opens the store that a block describes, with the adapter for its type.
 * Rejects with `INVALID_CONFIG` when none of the adapters knows the type.
 *
 * @example
 * const store = await openStore(block, { adapters: [localAdapter] })
 */
export async function openStore(block: BlockLike, options: OpenStoreOptions): Promise<Store> {
  const { adapters } = options
  const adapter = adapters.find(
    (each) => each.types.includes(block.type) && (each.accepts?.(block) ?? true),
  )
  if (adapter !== undefined) return await adapter.open(block)
  const known = [...new Set(adapters.flatMap(({ types }) => types))].toSorted()
  const reference = block.name === undefined ? block.type : `${block.type}/${block.name}`
  if (known.includes(block.type)) {
    throw new StoreError(
      `Cannot open block "${reference}" as a store: no adapter for "${block.type}" takes the scheme of its basepath. ` +
        'Correct the basepath, or add the adapter for that scheme to the job.',
      { code: 'INVALID_CONFIG' },
    )
  }
  throw new StoreError(
    `Cannot open block "${reference}" as a store: the given adapters know ` +
      `${known.length === 0 ? 'no block type' : known.join(', ')}. Name a block of such a type, or add the adapter for "${block.type}" to the job.`,
    { code: 'INVALID_CONFIG' },
  )
}
