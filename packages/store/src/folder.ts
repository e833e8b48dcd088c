import { mkdir, open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { constants } from 'node:os'
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
  EIO: ['IO_ERROR', 'the device reported an error (EIO)'],
  EXDEV: ['IO_ERROR', 'the folder does not keep its files on one file system (EXDEV)'],
  EBUSY: ['UNAVAILABLE', 'it is busy, or something is mounted there'],
}

/** A file system's error as a `StoreError` that says what was being done, to which path, and why it failed. */
export function fileError(error: unknown, doing: string, subject: FileErrorSubject): StoreError {
  const system = errorCode(error)
  const [code, reason] = codes[system] ?? ['IO_ERROR', system === '' ? String(error) : system]
  const message = doing.includes(subject.path) ? doing : `${doing} (${subject.path})`
  const where = code === 'IO_ERROR' ? inCall(error) : ''
  return new StoreError(`${message}: ${reason}${where}`, { code, key: subject.key, cause: error })
}

/** Which system call failed: an unreadable sector and a failed fsync are not the same news. */
function inCall(error: unknown): string {
  const call: unknown = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  return typeof call === 'string' ? ` in ${call}` : ''
}

/** A system error's name such as `ENOENT`; empty for any other error. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') return ''
  return code.startsWith('Unknown system error') ? unknownToNode(error, code) : code
}

/** libuv has no name for some errors, EDQUOT for one: `Unknown system error -122`. */
function unknownToNode(error: unknown, code: string): string {
  const number: unknown = error instanceof Error && 'errno' in error ? error.errno : undefined
  const known = Object.entries(constants.errno).find(([, value]) => value === -Number(number))
  return known?.[0] ?? code
}

const making = new Set<Promise<void>>()

/** Makes a folder and its missing parents, each of them durable. */
export async function makeFolder(folder: string): Promise<void> {
  const own = makeAndSync(folder)
  making.add(own)
  try {
    await own
  } finally {
    making.delete(own)
  }
  await foldersAreMade()
}

/**
 * Waits for the folders that this process is making: one found in place may be one that nobody has synced yet, and what
 * is written into it would be lost with it.
 */
export async function foldersAreMade(): Promise<void> {
  if (making.size > 0) await Promise.allSettled(making)
}

// Not by a recursive `mkdir`: that one says ENOENT whatever went wrong.
async function makeAndSync(folder: string, hasParent = false): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const parent = dirname(folder)
    if (errorCode(error) === 'ENOENT' && !hasParent && parent !== folder) {
      await makeAndSync(parent)
      return await makeAndSync(folder, true)
    }
    if (['EEXIST', 'EISDIR'].includes(errorCode(error)) && (await isFolder(folder))) return
    throw error
  }
  await syncFolder(dirname(folder))
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    // A symlink that leads nowhere.
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Makes what was renamed, linked or removed in a folder survive a power loss, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  await syncAndClose(await open(folder, 'r'))
}

/** `syncFolder` for an open folder, which it closes in any case. */
export async function syncAndClose(folder: FileHandle): Promise<void> {
  try {
    await folder.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(errorCode(error))) throw error
  } finally {
    await folder.close().catch(() => undefined)
  }
}
