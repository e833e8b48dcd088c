import { refuseBlock, reveal } from './block-fields.ts'
import type { BlockLike } from './open-store.ts'

/** Prefect's RemoteFileSystem block. Which file system it means is in the scheme of its base path. */
export interface RemoteFileSystemBlock {
  /** Slug of the block type. */
  readonly type: 'remote-file-system'
  /** Name of the block document. */
  readonly name?: string | undefined
  /** The block's fields. */
  readonly data: {
    /** `<scheme>://<bucket>/<folder>`; a secret when there are credentials in it, which are refused. */
    readonly basepath: string | { reveal(): string }
    /** What fsspec's file system takes; Prefect keeps it in the open. */
    readonly settings?: object | null | undefined
  }
}

/** Where a RemoteFileSystem's objects are. */
export interface RemoteBase {
  /** The bucket or container. */
  readonly bucket: string
  /** The object's name for a key, as `_resolve_path` has it. */
  toName(key: string): string
  /** Why a key is refused: Python's `urlsplit` would read a part of it as something else. */
  keyRule(key: string): string | undefined
}

// Of a bucket's name only what urlsplit takes for a host without a second thought.
const basePattern = /^([a-z][a-z0-9+.-]*):\/\/([a-z0-9._-]+)(?:\/(.*))?$/isu

/** Whether a block is a RemoteFileSystem of one of these schemes. */
export function isRemoteBlock(
  block: BlockLike,
  schemes: readonly string[],
): block is RemoteFileSystemBlock {
  if (block.type !== 'remote-file-system' || !('basepath' in block.data)) return false
  const basepath = reveal(block.data.basepath)
  return typeof basepath === 'string' && schemes.includes(basePattern.exec(basepath)?.[1] ?? '')
}

/**
 * Reads the base path of a RemoteFileSystem block. Keys go below it verbatim, after its trailing slashes are taken
 * off, as Prefect 3.8.8 does (`RemoteFileSystem._resolve_path`).
 */
export function openRemoteBase(block: RemoteFileSystemBlock): RemoteBase {
  const basepath = String(reveal(block.data.basepath))
  const [, , bucket = '', rest = ''] = basePattern.exec(basepath) ?? []
  if (bucket === '') throw refuseBlock(block, 'its basepath has no scheme or no bucket')
  if (basepath.includes('\0') || !basepath.isWellFormed()) {
    throw refuseBlock(block, 'its basepath holds NUL or half of a surrogate pair')
  }
  const folder = rest.replace(/\/+$/, '')
  return {
    bucket,
    toName: (key) => (folder === '' ? key : `${folder}/${key}`),
    keyRule: eatenByUrlsplit,
  }
}

function eatenByUrlsplit(key: string): string | undefined {
  const what = /[?#\t\r\n]/.exec(key)?.[0]
  if (what !== undefined)
    return `Python's RemoteFileSystem drops what ${JSON.stringify(what)} starts`
  // eslint-disable-next-line no-control-regex -- these are what Python strips
  if (/^[\u0000-\u0020]/.test(key)) {
    return "Python's RemoteFileSystem strips the space or control character that it starts with"
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(key)) {
    return "Python's RemoteFileSystem takes what stands before its colon for a URL's scheme"
  }
  return undefined
}
