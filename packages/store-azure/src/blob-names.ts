import { StoreError } from '@prefect-ts/store'
import { posixJoin } from '@prefect-ts/store/adapter'
import type { RemoteBase } from '@prefect-ts/store/adapter'

/** How keys and the names of blobs in the container lead to each other. */
export interface BlobNames {
  /** The blob's name for a key. */
  toName(key: string): string
  /** The key that a listing gives for a name; undefined when none leads to it. */
  toKey(name: string): string | undefined
  /** The start of all names whose keys start with `prefix`. */
  toNamePrefix(prefix: string): string
  /** Why a key is refused, beside the rules of all stores. */
  readonly keyRule: (key: string) => string | undefined
}

const maxNameLength = 1_024

/**
 * The names that Prefect's AzureBlobStorageContainer gives to paths: below the folder, joined as PurePosixPath does. No
 * folder takes paths as they are; an empty one joins too. Throws `INVALID_CONFIG` when the folder can't be one.
 */
export function folderNames(folder: string | undefined): BlobNames {
  if (folder === undefined) return namesOf((key) => key, '')
  const start = posixJoin(folder, 'x').slice(0, -1)
  return namesOf((key) => posixJoin(folder, key), start)
}

/** Names below a base, put together without a look at them. */
export function remoteNames(base: RemoteBase): BlobNames {
  return namesOf(
    (key) => base.toName(key),
    base.toName(''),
    (key) => base.keyRule(key),
  )
}

function namesOf(
  toName: (key: string) => string,
  start: string,
  rule?: (key: string) => string | undefined,
): BlobNames {
  const reason = nameRule(start)
  if (reason !== undefined) {
    throw new StoreError(`The folder ${JSON.stringify(start)} is refused: ${reason}`, {
      code: 'INVALID_CONFIG',
    })
  }
  const keyRule = (key: string): string | undefined => {
    if (toName(key).length > maxNameLength) {
      return `the blob's name would be longer than ${maxNameLength} characters`
    }
    return nameRule(key) ?? rule?.(key)
  }
  return {
    toName,
    toKey(name) {
      const key = name.slice(start.length)
      return toName(key) === name ? key : undefined
    },
    toNamePrefix: (prefix) => start + prefix,
    keyRule,
  }
}

/** Names that would be another blob's by the time they arrive. */
function nameRule(name: string): string | undefined {
  if (name.includes('\\')) return 'Azure turns "\\" into "/": it would be another key'
  if (name.includes('\0') || !name.isWellFormed()) {
    return 'it holds NUL or half of a surrogate pair'
  }
  if (name.split('/').some((segment) => segment === '.' || segment === '..')) {
    return 'it has a "." or ".." segment, which the SDK takes out of its URL'
  }
  return undefined
}
