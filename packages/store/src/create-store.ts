import { toSource } from './body.ts'
import { checkDigest, checkPut, checkRange, need, rangeLength } from './check-options.ts'
import type { StoreDriver } from './driver.ts'
import { notFound, quoteKey, StoreError } from './errors.ts'
import { createGuard } from './guard.ts'
import type { Guard } from './guard.ts'
import { guardedStream } from './guarded-stream.ts'
import { checkKey, checkPrefix } from './key.ts'
import { createMeter } from './meter.ts'
import type { Entry, ListOptions, Store, StoreCallOptions } from './store.ts'

/** Options of `createStore`, which every factory of a store passes on. */
export interface CreateStoreOptions {
  /**
   * Milliseconds that the backend may do nothing before the operation rejects with `STALLED`. Time spent waiting for
   * the caller's own body or for the reader of a stream does not count.
   * @default 60_000
   */
  stallTimeoutMs?: number | undefined
}

// How long an aborted driver may take to remove what it has begun before the caller is told.
const cleanUpMs = 1_000
const deleteBatch = 1_000

/**
 * Makes a store of a driver, adding once what every backend needs: key rules, option and capability checks, every
 * form of body, length and digest checks, the stall watch, abort, progress, `copy`, `download` and `upload`.
 */
export function createStore(driver: StoreDriver, options: CreateStoreOptions = {}): Store {
  const { stallTimeoutMs = 60_000 } = options
  if (!(stallTimeoutMs > 0 && stallTimeoutMs < 2 ** 31)) {
    throw new StoreError(`stallTimeoutMs is ${stallTimeoutMs}, not a number of milliseconds`, {
      code: 'INVALID_CONFIG',
    })
  }
  const { capabilities } = driver

  function watch(verb: string, key: string | undefined, signal: AbortSignal | undefined): Guard {
    const subject = key === undefined ? driver.url : `${quoteKey(key)} in ${driver.url}`
    return createGuard(`Cannot ${verb} ${subject}`, key, signal, stallTimeoutMs)
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

  const store: Store = {
    get url() {
      return driver.url
    },
    capabilities,

    async get(key, call = {}) {
      checkKey(key, driver.keyRule)
      checkRange(call.range, capabilities, { url: driver.url, key })
      const { range, ifMatch } = call
      const guard = watch('read', key, call.signal)
      const opening = (async () => driver.get(key, { ...guard.call, range, ifMatch }))()
      let opened
      try {
        opened = await guard.wait(opening)
      } catch (error) {
        guard.close()
        opening.then((late) => late?.body[Symbol.asyncIterator]().return?.()).catch(() => undefined)
        throw guard.explain(error)
      }
      if (opened === undefined) {
        guard.close()
        return undefined
      }
      const body = guardedStream(opened, rangeLength(range, opened.size), guard, key)
      if (ifMatch !== undefined && opened.etag !== ifMatch) {
        await body.cancel()
        throw new StoreError(`${quoteKey(key)} in ${driver.url} is not the version asked for`, {
          code: 'PRECONDITION_FAILED',
          key,
        })
      }
      const { size, etag, lastModified, contentType, metadata } = opened
      return { body, size, etag, lastModified, contentType, metadata }
    },

    async head(key, call = {}) {
      checkKey(key, driver.keyRule)
      return await guarded('inspect', key, call, (guard) => driver.head(key, guard.call))
    },

    async put(key, body, call = {}) {
      const source = toSource(body, key)
      checkKey(key, driver.keyRule)
      checkPut(call, capabilities, { url: driver.url, key })
      const size = call.size ?? source.size
      const guard = watch('write', key, call.signal)
      const { sha256, onProgress } = call
      const wait = <T>(work: Promise<T>): Promise<T> => guard.waitForCaller(work)
      const meter = createMeter(source, { key, size, sha256, onProgress, wait })
      try {
        const writing = driver.put(key, meter.body, {
          ...guard.call,
          size,
          ifAbsent: call.ifAbsent ?? false,
          ifMatch: call.ifMatch,
          contentType: call.contentType,
          metadata: call.metadata ?? {},
        })
        const result = await guard.wait(writing, cleanUpMs)
        if (meter.ended()) return result
        throw meter.failure()?.error ?? new Error('the driver did not read the whole body')
      } catch (error) {
        if (guard.call.signal.aborted) throw guard.call.signal.reason
        const failure = meter.failure()
        throw failure === undefined ? guard.explain(error) : failure.error
      } finally {
        guard.close()
        if (!meter.ended()) meter.release()
      }
    },

    list: (call = {}) => listEntries(call),

    async delete(keys, call = {}) {
      const all = typeof keys === 'string' ? [keys] : [...keys]
      for (const key of all) checkKey(key, driver.keyRule)
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
      const { ifAbsent = false, signal, onProgress } = call
      if (ifAbsent) need(capabilities, 'ifAbsent', { url: driver.url, key: to })
      if (driver.copy === undefined) {
        const { copyObject } = await import('./transfer.ts')
        return await copyObject(store, from, to, call)
      }
      const copyWithin = driver.copy.bind(driver)
      const result = await guarded('copy', from, { signal }, (guard) =>
        copyWithin(from, to, { ...guard.call, ifAbsent }),
      )
      if (result === undefined) throw notFound('copy', from, driver.url)
      onProgress?.({ bytes: result.size, total: result.size })
      return result
    },

    async download(key, file, call = {}) {
      checkDigest(call.sha256, { url: driver.url, key })
      const { downloadObject } = await import('./transfer.ts')
      return await downloadObject(store, key, file, call)
    },

    async upload(file, key, call = {}) {
      checkKey(key, driver.keyRule)
      checkPut(call, capabilities, { url: driver.url, key })
      const { uploadFile } = await import('./transfer.ts')
      return await uploadFile(store, file, key, call)
    },

    locate(key) {
      checkKey(key, driver.keyRule)
      return driver.locate(key)
    },
  }
  return store

  async function* listEntries(call: ListOptions): AsyncGenerator<Entry> {
    const { prefix = '', signal } = call
    checkPrefix(prefix)
    const guard = watch('list', undefined, signal)
    let entries: AsyncIterator<Entry> | undefined
    try {
      entries = driver.list(prefix, guard.call)[Symbol.asyncIterator]()
      for (;;) {
        const next = await guard.wait(entries.next())
        if (next.done === true) return
        yield next.value
        signal?.throwIfAborted()
      }
    } catch (error) {
      throw guard.explain(error)
    } finally {
      guard.close()
      Promise.resolve(entries?.return?.()).catch(() => undefined)
    }
  }
}
