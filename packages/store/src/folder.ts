import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from './errors.ts'
import type { StoreErrorCode } from './errors.ts'

/** What a file error concerns. */
export interface FileErrorSubject {
  /** The object's key, when there is one. */
  key?: string | undefined
  /** The path that was being worked on. */
  path: string
}

const codes: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  ENOENT: ['NOT_FOUND', 'there is no such file or folder'],
  EACCES: ['ACCESS_DENIED', 'permission denied'],
  EPERM: ['ACCESS_DENIED', 'operation not permitted'],
  EROFS: ['ACCESS_DENIED', 'the file system is read-only'],
  ENOSPC: ['NO_SPACE', 'no space left on the disk'],
  EDQUOT: ['NO_SPACE', 'the disk quota is used up'],
  EFBIG: ['NO_SPACE', 'the file is larger than the system allows'],
  ENOTDIR: ['NOT_A_FILE', 'a part of its path is a file, not a folder'],
  EEXIST: ['NOT_A_FILE', 'a part of its path is a file, not a folder'],
  EISDIR: ['NOT_A_FILE', 'it is a folder'],
  ENAMETOOLONG: ['INVALID_KEY', 'a name in its path is too long for the file system'],
  ELOOP: ['INVALID_KEY', 'its path leads through a loop of symlinks'],
  ENOTSUP: ['UNSUPPORTED', 'the file system does not support it'],
  EMFILE: ['UNAVAILABLE', 'this process has too many open files'],
  ENFILE: ['UNAVAILABLE', 'the system has too many open files'],
  EBUSY: ['UNAVAILABLE', 'it is busy'],
}

/** A file system's error as a `StoreError` that says what was being done, to which path, and why it failed. */
export function fileError(error: unknown, doing: string, subject: FileErrorSubject): StoreError {
  const system = errorCode(error)
  const [code, reason] = codes[system] ?? ['IO_ERROR', system === '' ? String(error) : system]
  const message = doing.includes(subject.path) ? doing : `${doing} (${subject.path})`
  return new StoreError(`${message}: ${reason}`, { code, key: subject.key, cause: error })
}

/** A system error's name such as `ENOENT`; empty for any other error. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** Makes a folder and its missing parents, each of them durable. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true }).catch((error: unknown) =>
    explain(folder, error),
  )
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

/** A recursive `mkdir` says ENOENT for a read-only file system: a plain one tells the truth. */
async function explain(folder: string, error: unknown): Promise<never> {
  const parent = dirname(folder)
  if (errorCode(error) !== 'ENOENT' || parent === folder) throw error
  try {
    await mkdir(folder)
  } catch (plain) {
    if (errorCode(plain) === 'ENOENT') return explain(parent, plain)
    throw plain
  }
  throw error
}

/** Makes what was renamed, linked or removed in a folder survive a power loss, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(errorCode(error))) throw error
  } finally {
    await handle.close()
  }
}
