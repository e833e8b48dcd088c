import type { Progress, Store, StoreCallOptions } from './store.ts'

/** How far the transfer of a directory has come. */
export interface DirectoryProgress extends Progress {
  /** Bytes to move in all. */
  readonly total: number
  /** Files moved so far. */
  readonly files: number
  /** Files to move in all. */
  readonly totalFiles: number
}

/** Options of `downloadDirectory`. */
export interface DownloadDirectoryOptions extends StoreCallOptions {
  /** Files moved at the same time, 1 to 256. @default 16 */
  concurrency?: number | undefined
  /** Called after every chunk and every file. An error it throws ends the transfer. */
  onProgress?: ((progress: DirectoryProgress) => void) | undefined
}

/** Options of `uploadDirectory`. */
export interface UploadDirectoryOptions extends DownloadDirectoryOptions {
  /**
   * A file such as `.prefectignore` whose rules name what stays behind, as `ignore_file` of Python's `put_directory`.
   * As there, none is read unless it is named here, and it is itself uploaded unless its rules say otherwise.
   */
  ignoreFile?: string | undefined
  /**
   * What becomes of symlinks: `follow` uploads what they lead to, outside of the folder too, as Python does; `skip`
   * leaves them out; `refuse` rejects with `NOT_A_FILE`.
   * @default 'follow'
   */
  symlinks?: 'follow' | 'skip' | 'refuse' | undefined
}

/** What was moved. */
export interface DirectoryResult {
  /** Number of files. */
  readonly files: number
  /** Their bytes in all. */
  readonly bytes: number
}

/**
 * Downloads every object below `prefix` (whole segments: `data` is `data/…`, never `data2/…`; '' is the whole store) to
 * the same relative path below `folder`. Each file appears whole or not at all; existing ones are replaced, others stay.
 *
 * All keys are listed and judged first, so these reject before anything is written: no object at all (`NOT_FOUND`); a
 * key that can't be a path below `folder`, or that would leave it by way of a symlink (`INVALID_KEY`); two keys for one
 * file, or one that is a file and another's folder, here or on the disk (`NOT_A_FILE`). Empty objects whose key ends
 * with `/` are folder markers and left out. When a file fails the others stop; those complete by then stay.
 *
 * @example
 * await downloadDirectory(store, 'extracts/csv/dataset=flights', '/var/tmp/flights')
 */
export async function downloadDirectory(
  store: Store,
  prefix: string,
  folder: string,
  options: DownloadDirectoryOptions = {},
): Promise<DirectoryResult> {
  const { downloadFiles } = await import('./download-directory.ts')
  return await downloadFiles(store, prefix, folder, options)
}

/**
 * Uploads every file below `folder` to its relative path below `prefix` ('' is the whole store). Empty folders have no
 * place in a store, and unfinished files of this library's writers stay behind.
 *
 * The folder is walked first, so these reject before anything is uploaded: no such folder or a symlink that leads
 * nowhere (`NOT_FOUND`), a pipe or device (`NOT_A_FILE`), a name that is no UTF-8 or makes a refused key
 * (`INVALID_KEY`), symlinks in a circle (`INVALID_ARGUMENT`). When a file fails the others stop; those complete stay.
 *
 * @example
 * await uploadDirectory(store, 'reports', 'reports/2013-01-01', { ignoreFile: '.prefectignore' })
 */
export async function uploadDirectory(
  store: Store,
  folder: string,
  prefix: string,
  options: UploadDirectoryOptions = {},
): Promise<DirectoryResult> {
  const { uploadFiles } = await import('./upload-directory.ts')
  return await uploadFiles(store, folder, prefix, options)
}
