import type { Dirent, Stats } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { checkCall, checkPath } from './check-options.ts'
import type { DirectoryResult, UploadDirectoryOptions } from './directory.ts'
import { StoreError } from './errors.ts'
import type { StoreErrorCode } from './errors.ts'
import { errorCode, fileError } from './folder.ts'
import { parseIgnoreRules } from './ignore-rules.ts'
import { checkKey } from './key.ts'
import { asFolder, checkConcurrency, moveFiles } from './move-files.ts'
import type { FileAndKey } from './move-files.ts'
import type { Store } from './store.ts'
import { isTemporaryName } from './temporary-name.ts'

/** `uploadDirectory`. */
export async function uploadFiles(
  store: Store,
  folder: string,
  prefix: string,
  options: UploadDirectoryOptions,
): Promise<DirectoryResult> {
  const { concurrency = 16, ignoreFile, symlinks = 'follow', signal } = options
  checkPath(folder, 'folder')
  checkCall(options)
  checkConcurrency(concurrency)
  if (!['follow', 'skip', 'refuse'].includes(symlinks)) {
    throw new StoreError(`symlinks is ${JSON.stringify(symlinks)}, not follow, skip or refuse`, {
      code: 'INVALID_ARGUMENT',
    })
  }
  const keys = asFolder(prefix)
  const root = resolve(folder)
  const isIgnored = await readRules(ignoreFile)
  const files: FileAndKey[] = []
  for await (const { path, size } of walk(root, { isIgnored, symlinks, signal })) {
    const key = keys + path
    checkKey(key, undefined)
    // A store's own rule for keys speaks before the first file is sent.
    store.locate(key)
    files.push({ key, file: join(root, path), size })
  }
  return await moveFiles(files, { ...options, concurrency }, async ({ key, file }, call) => {
    return (await store.upload(file, key, call)).size
  })
}

async function readRules(file: string | undefined): Promise<(path: string) => boolean> {
  if (file === undefined) return () => false
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, `Cannot read ${path}`, { path })
  })
  return parseIgnoreRules(text, path)
}

interface Found {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly size: number
}

interface Seen {
  readonly file: string
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly state: Stats | 'folder'
}

interface WalkOptions {
  readonly isIgnored: (path: string) => boolean
  readonly symlinks: 'follow' | 'skip' | 'refuse'
  readonly signal: AbortSignal | undefined
}

const looksAtATime = 64
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// A folder is entered even when a rule ignores it: another rule may bring back what is below.
async function* walk(root: string, options: WalkOptions): AsyncGenerator<Found> {
  const { isIgnored, symlinks, signal } = options

  async function* enter(folder: string, above: readonly string[]): AsyncGenerator<Found> {
    signal?.throwIfAborted()
    const [real, children] = await readFolder(folder)
    if (above.includes(real)) {
      throw refuse(folder, 'a symlink leads back to a folder above it', 'INVALID_ARGUMENT')
    }
    const sorted = children.toSorted((a, b) => Buffer.compare(a.name, b.name))
    for (let start = 0; start < sorted.length; start += looksAtATime) {
      const some = sorted.slice(start, start + looksAtATime)
      for (const found of await Promise.all(some.map((child) => look(folder, child)))) {
        if (found === undefined) continue
        const { file, path, state } = found
        if (state === 'folder') yield* enter(file, [...above, real])
        else if (isIgnored(path)) continue
        else if (state.isFile()) yield { path, size: state.size }
        else throw refuse(file, 'it is neither a file nor a folder', 'NOT_A_FILE')
      }
    }
  }

  async function look(folder: string, child: Dirent<Buffer>): Promise<Seen | undefined> {
    const name = decode(child.name, folder)
    if (isTemporaryName(name)) return undefined
    const file = join(folder, name)
    const path = relative(root, file)
    if (child.isDirectory()) return { file, path, state: 'folder' }
    if (child.isSymbolicLink() && symlinks !== 'follow') {
      if (symlinks === 'skip' || isIgnored(path)) return undefined
      throw refuse(file, 'it is a symlink', 'NOT_A_FILE')
    }
    const state = await stateOf(file, child.isSymbolicLink() && isIgnored(path))
    return state && { file, path, state: state.isDirectory() ? 'folder' : state }
  }
  yield* enter(root, [])
}

async function readFolder(folder: string): Promise<[real: string, children: Dirent<Buffer>[]]> {
  try {
    const children = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
    return [await realpath(folder), children]
  } catch (error) {
    throw fileError(error, `Cannot upload ${folder}`, { path: folder })
  }
}

async function stateOf(file: string, mayBeMissing: boolean): Promise<Stats | undefined> {
  try {
    return await stat(file)
  } catch (error) {
    if (mayBeMissing && ['ENOENT', 'ELOOP'].includes(errorCode(error))) return undefined
    throw fileError(error, `Cannot upload ${file}`, { path: file })
  }
}

function decode(name: Buffer, folder: string): string {
  try {
    return decoder.decode(name)
  } catch {
    throw refuse(join(folder, name.toString()), 'its name is not UTF-8', 'INVALID_KEY')
  }
}

function refuse(path: string, reason: string, code: StoreErrorCode): StoreError {
  return new StoreError(`Cannot upload ${path}: ${reason}`, { code })
}
