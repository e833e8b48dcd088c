import { toSource } from './body.ts'
import { checkInfo } from './check-info.ts'
import { checkCall, checkDigest, checkPath, checkPut, checkRange, need } from './check-options.ts'
import { keepInside } from './driver-of.ts'
import { READ_AND_WRITE } from './driver.ts'
import type { DriverInfo, StoreDriver } from './driver.ts'
import { notFound, quoteKey, StoreError } from './errors.ts'
import { createGuard } from './guard.ts'
import type { Guard } from './guard.ts'
import { checkKey, checkPrefix, compareKeys } from './key.ts'
import { openObject } from './open-object.ts'
import { putObject } from './put-object.ts'
import type { Entry, ListOptions, Store, StoreCallOptions } from './store.ts'
import { sweepUploads } from './sweep-uploads.ts'
import type { UploadJournal } from './upload-journal.ts'
import { digestOf, publicInfo, resolveCopy } from './write.ts'

/** Options of `createStore`, which every factory of a store passes on. */
export interface CreateStoreOptions {
  /**
   * Milliseconds that the backend may do nothing before the operation rejects with `STALLED`. Time spent waiting for
   * the caller's own body or for the reader of a stream does not count.
   * @default 60_000
   */
  stallTimeoutMs?: number | undefined
  /**
   * Folder in which uploads in parts are noted while they run, so that `sweepUploads` finds what a crash has left.
   * @default $XDG_STATE_HOME/prefect-ts/uploads, or ~/.local/state/prefect-ts/uploads
   */
  uploadJournal?: string | undefined
}

// How long an aborted driver may take to remove what it has begun before the caller is told.
const cleanUpMs = 1_000
const deleteBatch = 1_000

/**
 * Makes a store of a driver, adding once what every backend needs: key rules, option and capability checks, every
 * form of body, length and digest checks, the stall watch, abort, progress, `copy`, `download` and `upload`.
 */
export function createStore(driver: StoreDriver, options: CreateStoreOptions = {}): Store {
  const { stallTimeoutMs = 60_000, uploadJournal } = options
  checkOptions(stallTimeoutMs, uploadJournal)
  const { capabilities } = driver
  let journal: UploadJournal | undefined

  // For messages only: the URL of a local store is looked up anew with every call.
  const place = (key: string) => ({
    get url() {
      return driver.url
    },
    key,
  })

  function watch(verb: string, key: string | undefined, signal: AbortSignal | undefined): Guard {
    const describe = (): string =>
      `Cannot ${verb} ${key === undefined ? driver.url : `${quoteKey(key)} in ${driver.url}`}`
    return createGuard(describe, key, signal, stallTimeoutMs)
  }

  async function guarded<T>(
    verb: string,
    key: string | undefined,
    call: StoreCallOptions,
    work: (guard: Guard) => Promise<T>,
  ): Promise<T> {
    const guard = watch(verb, key, call.signal)
    try {
      return await guard.wait(work(guard), cleanUpMs)
    } catch (error) {
      throw guard.explain(error)
    } finally {
      guard.close()
    }
  }

  async function inspect(key: string, guard: Guard): Promise<DriverInfo | undefined> {
    const found = await driver.head(key, guard.call)
    return found && checkInfo(found)
  }

  const store: Store = {
    get url() {
      return driver.url
    },
    capabilities,

    async get(key, call = {}) {
      checkKey(key, driver.keyRule)
      checkCall(call, key)
      checkRange(call.range, capabilities, place(key))
      const opened = await openObject(driver, key, call, watch('read', key, call.signal))
      return opened && { body: opened.stream(call.onProgress), ...opened.info }
    },

    async head(key, call = {}) {
      checkKey(key, driver.keyRule)
      checkCall(call, key)
      const found = await guarded('inspect', key, call, (guard) => inspect(key, guard))
      return found && publicInfo(found)
    },

    async put(key, body, call = {}) {
      const source = toSource(body, key)
      checkKey(key, driver.keyRule)
      checkCall(call, key)
      checkPut(call, capabilities, place(key))
      const guard = watch('write', key, call.signal)
      const settings = { stallTimeoutMs, cleanUpMs, openJournal }
      return await putObject(driver, key, source, call, guard, settings)
    },

    list: (call = {}) => listEntries(call),

    async delete(keys, call = {}) {
      const all = typeof keys === 'string' ? [keys] : [...keys]
      for (const key of all) checkKey(key, driver.keyRule)
      checkCall(call)
      call.signal?.throwIfAborted()
      for (let start = 0; start < all.length; start += deleteBatch) {
        const batch = all.slice(start, start + deleteBatch)
        const only = batch.length === 1 ? batch[0] : undefined
        await guarded('delete', only, call, (guard) => driver.delete(batch, guard.call))
      }
    },

    async copy(from, to, call = {}) {
      checkKey(from, driver.keyRule)
      checkKey(to, driver.keyRule)
      checkCall(call, to)
      const { ifAbsent = false, signal, onProgress } = call
      if (ifAbsent) need(capabilities, 'ifAbsent', place(to))
      const copyWithin = driver.copy?.bind(driver)
      const result =
        copyWithin === undefined
          ? READ_AND_WRITE
          : await guarded('copy', from, { signal }, async (guard) => {
              const copied = await copyWithin(from, to, { ...guard.call, ifAbsent })
              return typeof copied === 'object' ? checkInfo(copied) : copied
            }).catch((error: unknown) => {
              if (ifAbsent || signal?.aborted === true) throw error
              return resolveCopy(error, from, to, { driver, stallTimeoutMs })
            })
      if (result === undefined) throw notFound('copy', from, driver.url)
      if (result === READ_AND_WRITE) {
        const { copyObject } = await import('./transfer.ts')
        return await copyObject(store, from, to, call)
      }
      onProgress?.({ bytes: result.size, total: result.size })
      return result
    },

    async download(key, file, call = {}) {
      checkKey(key, driver.keyRule)
      checkPath(file, 'file', key)
      checkCall(call, key)
      checkDigest(call.sha256, place(key))
      const { downloadObject } = await import('./transfer.ts')
      return await downloadObject(key, file, call, {
        url: driver.url,
        parallelRead: driver.parallelRead,
        open: (what) => openObject(driver, key, what, watch('read', key, what.signal)),
        async keptDigest(etag) {
          const found = await guarded('inspect', key, call, (guard) => inspect(key, guard))
          return found !== undefined && found.etag === etag ? digestOf(found) : undefined
        },
      })
    },

    async upload(file, key, call = {}) {
      checkKey(key, driver.keyRule)
      checkPath(file, 'file', key)
      checkCall(call, key)
      checkPut(call, capabilities, place(key))
      const { uploadFile } = await import('./transfer.ts')
      return await uploadFile(store, file, key, call)
    },

    locate(key) {
      checkKey(key, driver.keyRule)
      return driver.locate(key)
    },
  }
  keepInside(store, { driver, stallTimeoutMs, journalFolder: uploadJournal })
  return store

  async function openJournal(): Promise<UploadJournal | undefined> {
    if (driver.multipart?.pending === undefined) return undefined
    if (journal === undefined) {
      journal = (await import('./upload-journal.ts')).createUploadJournal(uploadJournal)
      // What is left of a crash now is no reason to fail: the next sweep tries again.
      sweepUploads(store).catch(() => undefined)
    }
    return journal
  }

  async function* listEntries(call: ListOptions): AsyncGenerator<Entry> {
    checkCall(call)
    const { prefix = '', signal } = call
    checkPrefix(prefix)
    const guard = watch('list', undefined, signal)
    let entries: AsyncIterator<Entry | readonly Entry[]> | undefined
    let last: string | undefined
    try {
      entries = driver.list(prefix, guard.call)[Symbol.asyncIterator]()
      for (;;) {
        const next = await guard.wait(entries.next())
        if (next.done === true) return
        const page = Array.isArray(next.value) ? (next.value as Entry[]) : [next.value as Entry]
        for (const entry of page) {
          const { key } = checkEntry(entry)
          if (last !== undefined && compareKeys(last, key) >= 0) {
            const message = `the listing gave ${quoteKey(key)} after ${quoteKey(last)}, out of byte order or twice`
            throw new Error(message)
          }
          last = key
          yield entry
          signal?.throwIfAborted()
        }
      }
    } catch (error) {
      throw guard.explain(error)
    } finally {
      guard.close()
      Promise.resolve(entries?.return?.()).catch(() => undefined)
    }
  }
}

function checkOptions(stallTimeoutMs: unknown, uploadJournal: unknown): void {
  const isTime = typeof stallTimeoutMs === 'number' && stallTimeoutMs > 0
  if (!isTime || stallTimeoutMs >= 2 ** 31) {
    throw new StoreError(
      `stallTimeoutMs is ${String(stallTimeoutMs)}, not a number of milliseconds`,
      { code: 'INVALID_CONFIG' },
    )
  }
  if (uploadJournal === undefined || (typeof uploadJournal === 'string' && uploadJournal !== ''))
    return
  throw new StoreError('uploadJournal is not the path of a folder', { code: 'INVALID_CONFIG' })
}

function checkEntry(entry: Entry): Entry {
  try {
    return checkInfo(entry)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`of ${quoteKey(entry.key)}: ${reason}`, { cause: error })
  }
}
