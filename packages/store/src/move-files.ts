import type { DirectoryResult, DownloadDirectoryOptions } from './directory.ts'
import { StoreError } from './errors.ts'
import { checkPrefix } from './key.ts'
import { runConcurrently } from './run-concurrently.ts'
import type { TransferOptions } from './store.ts'

/** One file of a directory and the object that belongs to it. */
export interface FileAndKey {
  /** The object's key. */
  readonly key: string
  /** Absolute path of the file. */
  readonly file: string
  /** Bytes, as found when the directory was looked at. */
  readonly size: number
}

/** `prefix` as the start of keys: '' or with a `/` at its end. */
export function asFolder(prefix: string): string {
  checkPrefix(prefix)
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
}

/** Refuses, with `INVALID_ARGUMENT`, a concurrency that is none. */
export function checkConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 256) return
  throw new StoreError(`concurrency is ${String(concurrency)}, not a number from 1 to 256`, {
    code: 'INVALID_ARGUMENT',
  })
}

/** Moves all files by `move` (which resolves with the bytes moved), some at a time, and tells how far they all are. */
export async function moveFiles(
  all: readonly FileAndKey[],
  options: DownloadDirectoryOptions & { concurrency: number },
  move: (one: FileAndKey, options: TransferOptions) => Promise<number>,
): Promise<DirectoryResult> {
  const { onProgress, concurrency } = options
  const totalFiles = all.length
  const total = all.reduce((sum, { size }) => sum + size, 0)
  let files = 0
  let bytes = 0

  await runConcurrently(all, concurrency, options.signal, async (one, signal) => {
    let own = 0
    const advance = (moved: number): void => {
      bytes += moved - own
      own = moved
      onProgress?.({ bytes, total, files, totalFiles })
    }
    const moved = await move(one, {
      signal,
      onProgress: onProgress && ((progress) => advance(progress.bytes)),
    })
    files++
    advance(moved)
  })
  return { files, bytes }
}
