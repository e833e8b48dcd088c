import { StoreError } from '@prefect-ts/store'
import type { StoreAdapter } from '@prefect-ts/store'
import { createLocalStore } from './local-store.ts'

/** Prefect's LocalFileSystem block, as far as a store needs it. */
export interface LocalFileSystemBlock {
  /** Slug of the block type. */
  readonly type: 'local-file-system'
  /** Name of the block document. */
  readonly name?: string | undefined
  /** The block's fields. */
  readonly data: {
    /** Folder of the store; null and '' mean the current folder. */
    readonly basepath?: string | null | undefined
  }
}

/** Opens `local-file-system` blocks with `openStore`. Refuses fields it does not know with `INVALID_CONFIG`. */
export const localAdapter: StoreAdapter<LocalFileSystemBlock> = {
  types: ['local-file-system'],
  open(block) {
    const { basepath, ...rest } = block.data
    const unknown = Object.keys(rest).filter((name) => name !== 'block_type_slug')
    if (unknown.length > 0) throw refuse(block, `its field ${unknown.join(', ')} is not known`)
    if (basepath !== undefined && basepath !== null && typeof basepath !== 'string') {
      throw refuse(block, 'its basepath is neither text nor null')
    }
    return createLocalStore({ basepath })
  },
}

function refuse(block: LocalFileSystemBlock, reason: string): StoreError {
  const reference = block.name === undefined ? block.type : `${block.type}/${block.name}`
  return new StoreError(`Cannot open block "${reference}" as a store: ${reason}`, {
    code: 'INVALID_CONFIG',
  })
}
