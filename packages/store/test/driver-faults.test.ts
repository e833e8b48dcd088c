import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, StoreError } from '@prefect-ts/store'
import type { StoreDriver, StoreErrorCode } from '@prefect-ts/store'
import { describe, expect, it } from 'vitest'
import { collect, failureOf, faultyDriver, giving, info, never } from './faulty-driver.ts'

function serving(chunks: Uint8Array[], size: number, then?: unknown): Partial<StoreDriver> {
  return { get: () => Promise.resolve({ ...info, size, body: giving(chunks, then) }) }
}

describe('a driver that gives wrong content', () => {
  const cases: [string, Partial<StoreDriver>, StoreErrorCode][] = [
    ['ends early', serving([new Uint8Array(9)], 10), 'LENGTH_MISMATCH'],
    ['goes on too long', serving([new Uint8Array(9), new Uint8Array(2)], 10), 'LENGTH_MISMATCH'],
    ['breaks off', serving([new Uint8Array(9)], 10, new Error('ECONNRESET')), 'IO_ERROR'],
  ]

  it.each(cases)('and %s fails the reader', async (_, change, code) => {
    const object = await createStore(faultyDriver(change)).get('k')
    expect(await failureOf(collect(object?.body))).toMatchObject({ code })
  })

  it.each(cases)('and %s leaves no file of a download', async (_, change, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'store-'))
    try {
      expect(
        await failureOf(createStore(faultyDriver(change)).download('k', join(folder, 'f'))),
      ).toMatchObject({ code })
      expect(await readdir(folder)).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('and ignores a range fails the reader', async () => {
    const store = createStore(faultyDriver(serving([new Uint8Array(10)], 10)))
    const object = await store.get('k', { range: { offset: 2, length: 3 } })
    expect(await failureOf(collect(object?.body))).toMatchObject({ code: 'LENGTH_MISMATCH' })
  })
})

describe('a driver that writes wrong content', () => {
  it('can not resolve without reading the whole body', async () => {
    const store = createStore(
      faultyDriver({
        async put(_key, body) {
          await body[Symbol.asyncIterator]().next()
          return { etag: '"1"', size: 3_000_000 }
        },
      }),
    )
    expect(await failureOf(store.put('k', new Uint8Array(3_000_000)))).toMatchObject({
      code: 'IO_ERROR',
    })
  })

  it('can not swallow the failure of a body', async () => {
    const reason = new Error('source')
    const store = createStore(
      faultyDriver({
        async put(_key, body) {
          await failureOf(collect(body))
          return { etag: '"1"', size: 0 }
        },
      }),
    )
    const source = giving([new Uint8Array(1)], reason)
    expect(await failureOf(store.put('k', source))).toBe(reason)
  })

  it('can not rename the failure of a body', async () => {
    const reason = new Error('source')
    const store = createStore(
      faultyDriver({
        async put(_key, body) {
          await collect(body).catch(() => {
            throw new Error('SdkUploadError')
          })
          return await never()
        },
      }),
    )
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(reason)
      },
    })
    expect(await failureOf(store.put('k', body))).toBe(reason)
  })

  it('never holds all of a content whose digest is wrong', async () => {
    let seen = 0
    const store = createStore(
      faultyDriver({
        async put(_key, body) {
          for await (const chunk of body) seen += chunk.byteLength
          return { etag: '"1"', size: seen }
        },
      }),
    )
    const content = new Uint8Array(3 * 1024 * 1024)
    expect(await failureOf(store.put('k', content, { sha256: '0'.repeat(64) }))).toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
    expect(seen).toBe(2 * 1024 * 1024)
  })
})

describe('errors of a driver', () => {
  it('become IO_ERROR with operation, key, store and cause', async () => {
    const cause = new Error('socket hang up')
    const store = createStore(faultyDriver({ head: () => Promise.reject(cause) }))
    expect(await failureOf(store.head('a/b'))).toMatchObject({
      code: 'IO_ERROR',
      message: 'Cannot inspect "a/b" in faulty://bucket/: socket hang up',
      key: 'a/b',
      cause,
      retryable: false,
    })
  })

  it('stay as they are when they are StoreErrors, also thrown at once', async () => {
    const own = new StoreError('Cannot read "k": access denied', {
      code: 'ACCESS_DENIED',
      key: 'k',
    })
    const store = createStore(
      faultyDriver({
        get: () => {
          throw own
        },
        list: () => {
          throw own
        },
      }),
    )
    expect(await failureOf(store.get('k'))).toBe(own)
    expect(await failureOf(collect(store.list()))).toBe(own)
  })
})

describe('an abort', () => {
  it('ends calls of a driver that does not listen, and frees what comes late', async () => {
    let freed = false
    let answer: (() => void) | undefined
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => never<IteratorResult<Uint8Array>>(),
        return: async () => {
          freed = true
          return { done: true as const, value: undefined }
        },
      }),
    }
    const store = createStore(
      faultyDriver({
        get: () =>
          new Promise((resolve) => {
            answer = () => resolve({ ...info, size: 1, body })
          }),
        put: () => never(),
      }),
    )
    const reason = { why: 'test' }
    const controller = new AbortController()
    const reading = failureOf(store.get('k', { signal: controller.signal }))
    const writing = failureOf(store.put('k', 'x', { signal: controller.signal }))
    controller.abort(reason)
    expect(await reading).toBe(reason)
    expect(await writing).toBe(reason)
    answer?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(freed).toBe(true)
  })

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const added: unknown[] = []
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (type: string, listener: never, options?: never) => {
      added.push(listener)
      add(type, listener, options)
    }
    signal.removeEventListener = (type: string, listener: never, options?: never) => {
      added.splice(added.indexOf(listener), 1)
      remove(type, listener, options)
    }
    const store = createStore(faultyDriver(serving([new Uint8Array(3)], 3)))
    await store.put('k', 'x', { signal })
    await store.head('k', { signal })
    await collect(store.list({ signal }))
    const object = await store.get('k', { signal })
    expect(added).toHaveLength(1)
    await collect(object?.body)
    expect(added).toEqual([])
  })
})

describe('copy within a driver', () => {
  it('is used, and says when there is nothing to copy', async () => {
    const seen: string[] = []
    const store = createStore(
      faultyDriver({
        async copy(from, to, { ifAbsent }) {
          seen.push(`${from}>${to}:${ifAbsent}`)
          return from === 'k' ? { etag: '"2"', size: 7 } : undefined
        },
      }),
    )
    expect(await store.copy('k', 'to', { ifAbsent: true })).toEqual({ etag: '"2"', size: 7 })
    expect(await failureOf(store.copy('absent', 'to'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(seen).toEqual(['k>to:true', 'absent>to:false'])
  })
})

describe('delete', () => {
  it('asks the driver for a thousand at a time', async () => {
    const batches: number[] = []
    const store = createStore(
      faultyDriver({
        async delete(keys) {
          batches.push(keys.length)
        },
      }),
    )
    await store.delete(Array.from({ length: 2_500 }, (_, index) => `k${index}`))
    expect(batches).toEqual([1000, 1000, 500])
  })
})
