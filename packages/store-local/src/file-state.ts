import type { BigIntStats } from 'node:fs'
import type { ObjectInfo } from '@prefect-ts/store'

/** What `head`, `get` and `list` say about a file. Every write makes a new file, so its inode and time are its version. */
export function infoOf(state: BigIntStats): ObjectInfo {
  return {
    size: Number(state.size),
    etag: etagOf(state),
    lastModified: new Date(Number(state.mtimeNs / 1_000_000n)),
    contentType: undefined,
    metadata: {},
  }
}

/** `"<inode>-<size>-<mtime in ns>"` in hex. */
export function etagOf(state: BigIntStats): string {
  return `"${[state.ino, state.size, state.mtimeNs].map((part) => part.toString(16)).join('-')}"`
}
