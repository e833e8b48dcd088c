import { fchmodSync, fstatSync, lstatSync, realpathSync, statSync } from 'node:fs'
import type { BigIntStats, Stats } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { StoreError } from './errors.ts'
import { errorCode, fileError, foldersAreMade, makeFolder, syncAndClose } from './folder.ts'
import { temporaryName } from './temporary-name.ts'
import { removeOnExit, sweepFolder } from './unfinished.ts'
import { writeChunks } from './write-chunks.ts'

/** Options of `writeFileAtomically`. */
export interface WriteFileAtomicallyOptions {
  /** Write only when there is no such file, else reject with `ALREADY_EXISTS`. Of several writers one wins. */
  ifAbsent?: boolean | undefined
  /** Ends the write; the temporary file is removed. */
  signal?: AbortSignal | undefined
  /** The key that errors shall carry, when the file holds an object of a store. */
  key?: string | undefined
}

/** Fills a file in an order of its own; resolves with the bytes it now has. Errors of the file go through `fail`. */
export type FileFiller = (handle: FileHandle, fail: (error: unknown) => unknown) => Promise<number>

/**
 * Writes a file so that it appears whole or not at all, and survives a power loss once this resolves: a temporary
 * file in the same folder, every byte counted, fsync, rename, fsync of the folder. Missing folders are made; an
 * existing file keeps its permissions and, where allowed, its owner; a symlink is followed. Resolves with the
 * file's state. Rejects with a `StoreError` that names the path, or with what `body` itself threw; the old file is
 * then untouched, except after `OUTCOME_UNKNOWN`: the new one is in place but the folder's fsync failed.
 */
export async function writeFileAtomically(
  file: string,
  body: AsyncIterable<Uint8Array> | FileFiller,
  options: WriteFileAtomicallyOptions = {},
): Promise<BigIntStats> {
  const { signal, key, ifAbsent = false } = options
  signal?.throwIfAborted()
  const [target, existing] = inspect(resolve(file), key)
  const doing = `Cannot write ${target}`
  const fail = (error: unknown): StoreError => fileError(error, doing, { key, path: target })

  if (existing !== undefined && !existing.isFile()) {
    throw new StoreError(`${doing}: it exists and is not a file`, { code: 'NOT_A_FILE', key })
  }
  if (existing !== undefined && ifAbsent) throw alreadyExists(doing, key)

  const folder = dirname(target)
  const temp = join(folder, temporaryName(basename(target)))
  const settled = removeOnExit(temp)
  let handle: FileHandle | undefined
  let sweeping: Promise<void> | undefined
  try {
    handle = await openIn(folder, temp, existing === undefined ? 0o666 : 0o600).catch(
      (error: unknown) => {
        throw fail(error)
      },
    )
    sweeping = sweepFolder(folder)
    const written = await (typeof body === 'function'
      ? body(handle, fail)
      : writeChunks(handle, body, fail))
    signal?.throwIfAborted()
    // Opened beforehand, beside the fsync: what can still fail afterwards leaves the caller in doubt.
    const opening = open(folder, 'r')
    opening.catch(() => undefined)
    let state: BigIntStats
    try {
      state = await settle(handle, existing).catch((error: unknown) => {
        throw fail(error)
      })
      if (state.size !== BigInt(written)) {
        const message = `${doing}: ${written} bytes were written but the file has ${state.size}`
        throw new StoreError(message, { code: 'IO_ERROR', key })
      }
      signal?.throwIfAborted()
    } catch (error) {
      await opening.then((place) => place.close()).catch(() => undefined)
      throw error
    }
    const place = await opening.catch((error: unknown) => {
      throw fail(error)
    })
    try {
      await publish(temp, target, ifAbsent)
    } catch (error) {
      await place.close().catch(() => undefined)
      throw ifAbsent && errorCode(error) === 'EEXIST' ? alreadyExists(doing, key) : fail(error)
    }
    await syncAndClose(place).catch((error: unknown) => {
      const message = `${target} was written, but it may not survive a power loss: fsync of ${folder} failed`
      throw new StoreError(message, { code: 'OUTCOME_UNKNOWN', key, cause: error })
    })
    return state
  } catch (error) {
    await handle?.close().catch(() => undefined)
    if (handle !== undefined) await unlink(temp).catch(() => undefined)
    throw error
  } finally {
    settled()
    await sweeping
  }
}

/**
 * Permissions of the old file, fsync, close; resolves with the state that the file will have under its final name.
 * What only looks at or marks the open file is not asynchronous: each such call would cost as much as writing 10 KiB.
 */
async function settle(handle: FileHandle, existing: Stats | undefined): Promise<BigIntStats> {
  if (existing !== undefined) fchmodSync(handle.fd, existing.mode & 0o777)
  await handle.sync()
  let state = fstatSync(handle.fd, { bigint: true })
  if (existing !== undefined && !isSameOwner(state, existing)) {
    await handle.chown(existing.uid, existing.gid).catch(() => undefined)
    fchmodSync(handle.fd, existing.mode & 0o777)
    await handle.sync()
    state = fstatSync(handle.fd, { bigint: true })
  }
  await handle.close()
  return state
}

function isSameOwner(state: BigIntStats, { uid, gid }: Stats): boolean {
  return Number(state.uid) === uid && Number(state.gid) === gid
}

async function publish(temp: string, target: string, ifAbsent: boolean): Promise<void> {
  if (!ifAbsent) return await rename(temp, target)
  await link(temp, target)
  // The file stands: a temporary name that can't be removed now is litter, not a failed write.
  await unlink(temp).catch(() => undefined)
}

/** Where the file is, after symlinks, and what is there. Not asynchronous: that costs ten times the call itself. */
function inspect(
  file: string,
  key: string | undefined,
): [target: string, existing: Stats | undefined] {
  try {
    const state = lstatSync(file, { throwIfNoEntry: false })
    if (state?.isSymbolicLink() !== true) return [file, state]
    const target = realpathSync(file)
    return [target, statSync(target)]
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return [file, undefined]
    throw fileError(error, `Cannot write ${file}`, { key, path: file })
  }
}

async function openIn(folder: string, temp: string, mode: number): Promise<FileHandle> {
  try {
    const handle = await open(temp, 'wx+', mode)
    await foldersAreMade()
    return handle
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  await makeFolder(folder)
  return await open(temp, 'wx+', mode)
}

function alreadyExists(doing: string, key: string | undefined): StoreError {
  return new StoreError(`${doing}: it exists already`, { code: 'ALREADY_EXISTS', key })
}
