import { posixJoin } from '@prefect-ts/store/adapter'
import type { RemoteBase } from '@prefect-ts/store/adapter'

/** How keys and the keys of objects in the bucket lead to each other. */
export interface ObjectNames {
  /** The object's key in the bucket for a key of the store. */
  toName(key: string): string
  /** The key that a listing gives for a name; undefined when none leads to it. */
  toKey(name: string, prefix: string): string | undefined
  /** The start of all names whose keys start with `prefix`. */
  toNamePrefix(prefix: string): string
  /** Why a key is refused, beside the rules of all stores. */
  readonly keyRule?: ((key: string) => string | undefined) | undefined
}

/**
 * The names that Prefect's S3Bucket gives to paths (`_resolve_path`): below the folder, joined as PurePosixPath does,
 * but the folder itself, and a path that starts with the folder and a slash, are taken as they are. Without a folder
 * every path is.
 */
export function folderNames(folder: string): ObjectNames {
  if (folder === '')
    return { toName: (key) => key, toKey: (name) => name, toNamePrefix: (prefix) => prefix }
  const recognised = `${folder.replace(/\/+$/, '')}/`
  const base = posixJoin(folder, 'x').slice(0, -1)
  const toName = (key: string): string =>
    key === folder || key.startsWith(recognised) ? key : posixJoin(folder, key)
  return {
    toName,
    toKey(name, prefix) {
      const key = prefix.startsWith(recognised) ? name : name.slice(base.length)
      return toName(key) === name ? key : undefined
    },
    toNamePrefix: (prefix) => (prefix.startsWith(recognised) ? prefix : base + prefix),
  }
}

/** Names below a base, put together without a look at them, but for the slash at the end that s3fs takes off. */
export function remoteNames(base: RemoteBase): ObjectNames {
  const start = base.toName('')
  const toName = (key: string): string => base.toName(key).replace(/\/+$/, '')
  return {
    toName,
    toKey(name) {
      const key = name.slice(start.length)
      return toName(key) === name ? key : undefined
    },
    toNamePrefix: (prefix) => start + prefix,
    keyRule: (key) => base.keyRule(key),
  }
}
