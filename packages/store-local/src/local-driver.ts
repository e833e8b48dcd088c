import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StoreError } from '@prefect-ts/store'
import type { StoreDriver } from '@prefect-ts/store'
import {
  errorCode,
  fileError,
  isTemporaryName,
  syncFolder,
  writeFileAtomically,
} from '@prefect-ts/store/files'
import { isTooLong, resolveBase, resolvePath } from './base-path.ts'
import { fileBody } from './file-body.ts'
import { etagOf, infoOf } from './file-state.ts'
import { listFiles } from './list-files.ts'

const absent = ['ENOENT', 'ENOTDIR']

/** The driver of a folder. Symlinks and the base path are looked at anew with every call, as Python does. */
export function createLocalDriver(basepath: string | null | undefined): StoreDriver {
  const locate = (key: string): string => resolvePath(basepath, key)

  return {
    get url() {
      return `${pathToFileURL(resolveBase(basepath)).href.replace(/\/$/, '')}/`
    },
    // A file system can't compare and swap, and keeps no media type.
    capabilities: { ifAbsent: true, ifMatch: false, metadata: false, range: true, signUrl: false },
    keyRule: refuseKey,
    locate,

    async head(key) {
      const state = await inspect(key, locate(key))
      return state && infoOf(state)
    },

    async get(key, { range, signal }) {
      const path = locate(key)
      const fail = (error: unknown): StoreError =>
        fileError(error, `Cannot read ${path}`, { key, path })
      // Not blocking, or opening a named pipe would wait for a writer.
      const flags = constants.O_RDONLY | constants.O_NONBLOCK
      const handle = await open(path, flags).catch((error: unknown) => {
        if (absent.includes(errorCode(error))) return undefined
        throw fail(error)
      })
      if (handle === undefined) return undefined
      try {
        const state = fileOrNothing(await handle.stat({ bigint: true }), key, path)
        if (state !== undefined) {
          const body = fileBody(handle, Number(state.size), range, signal)
          return { ...infoOf(state), body }
        }
      } catch (error) {
        await handle.close()
        throw error instanceof StoreError ? error : fail(error)
      }
      await handle.close()
      return undefined
    },

    async put(key, body, { ifAbsent, signal }) {
      const state = await writeFileAtomically(locate(key), body, { ifAbsent, signal, key })
      return { etag: etagOf(state), size: Number(state.size) }
    },

    list: (prefix, call) => listFiles(resolveBase(basepath), prefix, call),

    async delete(keys, { signal }) {
      const folders = new Set<string>()
      for (const key of keys) {
        signal.throwIfAborted()
        const path = locate(key)
        if ((await inspect(key, path)) === undefined) continue
        await unlink(path).catch((error: unknown) => {
          if (!absent.includes(errorCode(error))) {
            throw fileError(error, `Cannot delete ${path}`, { key, path })
          }
        })
        folders.add(dirname(path))
      }
      for (const folder of folders) await confirm(folder)
    },
  }
}

async function confirm(folder: string): Promise<void> {
  await syncFolder(folder).catch((error: unknown) => {
    if (absent.includes(errorCode(error))) return
    const message = `Files in ${folder} were deleted, but may be back after a power loss: fsync of it failed`
    throw new StoreError(message, { code: 'OUTCOME_UNKNOWN', cause: error })
  })
}

async function inspect(key: string, path: string): Promise<BigIntStats | undefined> {
  try {
    return fileOrNothing(await stat(path, { bigint: true }), key, path)
  } catch (error) {
    if (absent.includes(errorCode(error))) return undefined
    throw error instanceof StoreError
      ? error
      : fileError(error, `Cannot inspect ${path}`, { key, path })
  }
}

/** A folder is no object, as the start of a key is none elsewhere; pipes and devices are refused. */
function fileOrNothing(state: BigIntStats, key: string, path: string): BigIntStats | undefined {
  if (state.isFile()) return state
  if (state.isDirectory()) return undefined
  throw new StoreError(`${path} is not a file`, { code: 'NOT_A_FILE', key })
}

function refuseKey(key: string): string | undefined {
  if (key.startsWith('~')) return 'it starts with "~", which Python would expand to a home folder'
  if (isTooLong(key)) return 'it is longer than a path can be'
  if (key.split('/').some(isTemporaryName))
    return 'it has the name of a temporary file of this store'
  return undefined
}
