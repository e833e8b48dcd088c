import type { Stats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { checkCall, checkPath } from './check-options.ts'
import type { DirectoryResult, DownloadDirectoryOptions } from './directory.ts'
import { quoteKey, StoreError } from './errors.ts'
import { errorCode, fileError } from './folder.ts'
import { asFolder, checkConcurrency, moveFiles } from './move-files.ts'
import type { FileAndKey } from './move-files.ts'
import { isInside, realPath } from './real-path.ts'
import type { Store } from './store.ts'
import { isTemporaryName } from './temporary-name.ts'

/** `downloadDirectory`. */
export async function downloadFiles(
  store: Store,
  prefix: string,
  folder: string,
  options: DownloadDirectoryOptions,
): Promise<DirectoryResult> {
  const { concurrency = 16, signal } = options
  checkPath(folder, 'folder')
  checkCall(options)
  checkConcurrency(concurrency)
  const keys = asFolder(prefix)
  const plan = createPlan(resolve(folder), keys.length)
  for await (const { key, size } of store.list({ prefix: keys, signal })) {
    if (key.endsWith('/') && size === 0) continue
    await plan.add(key, size)
  }
  if (plan.files.length === 0) {
    const where = keys === '' ? store.url : `${quoteKey(keys)} in ${store.url}`
    throw new StoreError(`Cannot download ${where}: there is no object below it`, {
      code: 'NOT_FOUND',
    })
  }
  await plan.check()
  return await moveFiles(plan.files, { ...options, concurrency }, async ({ key, file }, call) => {
    return (await store.download(key, file, call)).size
  })
}

interface Plan {
  readonly files: readonly FileAndKey[]
  add(key: string, size: number): Promise<void>
  /** What can only be judged when all keys are known. */
  check(): Promise<void>
}

interface Folder {
  /** The first key that needs it. */
  readonly key: string
  readonly real: string
  readonly exists: boolean
}

// There, names that differ in case or composition only are one file (APFS, HFS+).
const foldsNames = process.platform === 'darwin'

/** Gives every key its file below `folder`, and refuses the keys that have none of their own. */
export function createPlan(folder: string, skip: number, folds: boolean = foldsNames): Plan {
  const files: FileAndKey[] = []
  const byPath = new Map<string, string>()
  const folders = new Map<string, Folder>()
  const root = realPath(folder)
  const fold = (path: string): string => (folds ? path.normalize('NFC').toLowerCase() : path)

  async function folderOf(segments: readonly string[], key: string): Promise<Folder> {
    const path = join(folder, ...segments)
    const known = folders.get(path)
    if (known !== undefined) return known
    const above = segments.length === 0 ? undefined : await folderOf(segments.slice(0, -1), key)
    const real = inside(path, key)
    const state = above?.exists === false ? undefined : await stateOf(real, key)
    if (state !== undefined && !state.isDirectory()) {
      throw refuse(key, `${path} exists and is not a folder`, 'NOT_A_FILE')
    }
    const found = { key, real, exists: state !== undefined }
    folders.set(path, found)
    return found
  }

  function inside(path: string, key: string): string {
    const real = realPath(path)
    if (root === undefined || real === undefined) {
      throw refuse(key, `${path} leads through a loop of symlinks`, 'INVALID_KEY')
    }
    if (isInside(real, root)) return real
    throw refuse(key, `${path} leads to ${real}, outside of ${root}`, 'INVALID_KEY')
  }

  return {
    files,
    async add(key, size) {
      const segments = segmentsOf(key, skip)
      const name = segments.at(-1) ?? ''
      const parent = await folderOf(segments.slice(0, -1), key)
      let file = join(parent.real, name)
      const state = parent.exists ? await stateOf(file, key) : undefined
      if (state?.isSymbolicLink() === true) file = inside(file, key)
      else if (state !== undefined && !state.isFile()) {
        throw refuse(key, `${file} exists and is not a file`, 'NOT_A_FILE')
      }
      const other = byPath.get(fold(file))
      if (other !== undefined) {
        throw refuse(key, `${quoteKey(other)} leads to the same file ${file}`, 'NOT_A_FILE')
      }
      byPath.set(fold(file), key)
      files.push({ key, file, size })
    },
    async check() {
      for (const { key, real } of folders.values()) {
        const other = byPath.get(fold(real))
        if (other === undefined) continue
        throw refuse(key, `${quoteKey(other)} is a file where it needs a folder`, 'NOT_A_FILE')
      }
    },
  }
}

/** The path of a key below the folder. Empty segments go, as they do in Python. */
function segmentsOf(key: string, skip: number): string[] {
  const segments = key
    .slice(skip)
    .split('/')
    .filter((segment) => segment !== '')
  const name = segments.at(-1)
  let reason: string | undefined
  if (name === undefined) reason = 'nothing is left of it below the prefix'
  else if (segments.includes('.') || segments.includes('..'))
    reason = 'it has a "." or ".." segment'
  else if (key.includes('\0')) reason = 'it holds a NUL character'
  else if (!key.isWellFormed()) reason = 'it holds half of a surrogate pair'
  else if (segments.some((segment) => Buffer.byteLength(segment) > 255)) {
    reason = 'a segment of it is longer than 255 bytes'
  } else if (segments.some(isTemporaryName)) {
    reason = 'it has the name of a temporary file of this library'
  }
  if (reason !== undefined) throw refuse(key, reason, 'INVALID_KEY')
  return segments
}

async function stateOf(path: string, key: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return undefined
    throw fileError(error, `Cannot inspect ${path}`, { key, path })
  }
}

function refuse(key: string, reason: string, code: 'INVALID_KEY' | 'NOT_A_FILE'): StoreError {
  return new StoreError(`Cannot download ${quoteKey(key)} to a file: ${reason}`, { code, key })
}
