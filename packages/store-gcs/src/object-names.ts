import { posixJoin } from '@prefect-ts/store/adapter'
import type { RemoteBase } from '@prefect-ts/store/adapter'

/** How keys and the names of objects in the bucket lead to each other. */
export interface ObjectNames {
  /** The object's name for a key. */
  toName(key: string): string
  /** The key that a listing gives for a name; undefined when none leads to it. */
  toKey(name: string, prefix: string): string | undefined
  /** The start of all names whose keys start with `prefix`. */
  toNamePrefix(prefix: string): string
  /** Why a key is refused, beside the rules of all stores. */
  keyRule?(key: string): string | undefined
}

/**
 * The names that Prefect's GcsBucket gives to paths (`_resolve_path`): below the folder, joined as PurePosixPath does,
 * but a path that starts with the folder and its slash is taken as it is. Without a folder every path is.
 */
export function folderNames(folder: string): ObjectNames {
  if (folder === '') return { toName: (key) => key, toKey: (name) => name, toNamePrefix: (p) => p }
  const recognised = folder.endsWith('/') ? folder : `${folder}/`
  const base = posixJoin(recognised, 'x').slice(0, -1)
  const toName = (key: string): string =>
    key.startsWith(recognised) ? key : posixJoin(recognised, key)
  return {
    toName,
    toKey(name, prefix) {
      const key = prefix.startsWith(recognised) ? name : name.slice(base.length)
      return toName(key) === name ? key : undefined
    },
    toNamePrefix: (prefix) => (prefix.startsWith(recognised) ? prefix : base + prefix),
  }
}

/** Names below a base, put together without a look at them. */
export function verbatimNames(base: RemoteBase): ObjectNames {
  const start = base.toName('')
  return {
    toName: (key) => base.toName(key),
    toKey: (name) => name.slice(start.length),
    toNamePrefix: (prefix) => start + prefix,
    keyRule: (key) => base.keyRule(key),
  }
}
