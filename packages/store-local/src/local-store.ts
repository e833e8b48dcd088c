import { createStore } from '@prefect-ts/store'
import type { CreateStoreOptions, Store } from '@prefect-ts/store'
import { resolveBase } from './base-path.ts'
import { createLocalDriver } from './local-driver.ts'

/** Options of `createLocalStore`. */
export interface CreateLocalStoreOptions extends CreateStoreOptions {
  /**
   * Folder of the store, by the rules of Prefect's LocalFileSystem block: a leading `~` is a home folder, symlinks are
   * followed, and without it, or when it is null or '', the current folder of each call is meant. It is made when
   * something is written.
   */
  basepath?: string | null | undefined
}

/**
 * A store in a folder of the local disk. Keys lead to the very files that Python's LocalFileSystem reads and writes;
 * `locate` gives their absolute paths. Throws `INVALID_CONFIG` when the base path can't be one.
 *
 * @example
 * const store = createLocalStore({ basepath: '/srv/data' })
 */
export function createLocalStore(options: CreateLocalStoreOptions = {}): Store {
  const { basepath, stallTimeoutMs } = options
  resolveBase(basepath)
  return createStore(createLocalDriver(basepath), { stallTimeoutMs })
}
