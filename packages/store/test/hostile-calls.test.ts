import { createStore, signUrl, uploadDirectory, downloadDirectory } from '@prefect-ts/store'
import type { ByteRange, PutOptions, StoreBody, StoreDriver } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { collect, failureOf, faultyDriver, giving, info } from './faulty-driver.ts'

const refused = (name: string) => ({
  name: 'StoreError',
  code: 'INVALID_ARGUMENT',
  message: expect.stringContaining(name),
})

describe('options of a wrong kind are refused by name, and nothing is written', () => {
  const cases: [name: string, values: unknown[]][] = [
    // A client of a cloud takes null and '' for no condition: one writer would overwrite another.
    ['ifMatch', [null, '', '*', 5, {}, '"a"\r\nx-other: 1', '"1", *', '"é"']],
    ['ifAbsent', [null, 'yes', 1, {}]],
    ['contentType', [null, '', 5, [], 'text/csv\n', Symbol('s')]],
    ['metadata', [null, 'ab', 5, ['a'], new Map([['a', 'b']]), new Headers({ a: 'b' })]],
    ['metadata', [{ a: 5 }, { a: 'b\n' }, { ['a\n']: 'b' }, JSON.parse('{"__proto__":"b"}')]],
    ['size', [null, '7', NaN, -1, 1.5, 2 ** 53, 7n, Symbol('s')]],
    ['sha256', [null, '', 5, 'a'.repeat(63), ['a'.repeat(64)]]],
    ['signal', ['', 5, {}, true]],
    ['onProgress', ['', 5, {}, true]],
  ]

  it.each(cases)('%s of put: %o', async (name, values) => {
    const store = createMemoryStore()
    for (const value of values) {
      const options = { [name]: value } as PutOptions
      expect(await failureOf(store.put('k', 'content', options))).toMatchObject(refused(name))
    }
    expect(await collect(store.list())).toEqual([])
  })

  it('a range', async () => {
    const store = createMemoryStore()
    await store.put('k', 'content')
    const ranges = [
      null,
      '',
      5,
      [],
      {},
      { offset: 1n },
      { offset: '1' },
      { offset: 1, length: null },
    ]
    for (const range of [...ranges, { suffixLength: null }, { suffixLength: 1, offset: 2 }]) {
      const call = store.get('k', { range: range as ByteRange })
      expect(await failureOf(call)).toMatchObject(refused('range'))
    }
  })

  it('those of every other call', async () => {
    const store = createMemoryStore()
    const signal = {} as AbortSignal
    const calls = [
      store.get('k', { signal }),
      store.head('k', { signal }),
      store.delete('k', { signal }),
      store.copy('k', 'l', { signal }),
      store.download('k', '/nowhere/k', { signal }),
      store.upload('/nowhere/k', 'k', { signal }),
      collect(store.list({ signal })),
      signUrl(store, 'k', { signal }),
      uploadDirectory(store, '/nowhere', '', { signal }),
      downloadDirectory(store, '', '/nowhere', { signal }),
    ]
    for (const call of calls) expect(await failureOf(call)).toMatchObject(refused('signal'))
    const none = null as unknown as PutOptions
    for (const call of [
      store.get('k', none),
      store.put('k', 'x', none),
      store.copy('k', 'l', none),
    ]) {
      expect(await failureOf(call)).toMatchObject(refused('no object'))
    }
  })

  it('and paths', async () => {
    const store = createMemoryStore()
    for (const path of [undefined, null, 5, new URL('file:///tmp/x'), 'a\0b'] as string[]) {
      for (const call of [store.download('k', path), store.upload(path, 'k')]) {
        expect(await failureOf(call)).toMatchObject(refused('file for "k"'))
      }
      for (const call of [uploadDirectory(store, path, ''), downloadDirectory(store, '', path)]) {
        expect(await failureOf(call)).toMatchObject(refused('folder'))
      }
    }
  })

  it.each([null, '1000', NaN, 0, Infinity, 2 ** 31])('stallTimeoutMs %o', (value) => {
    const options = { stallTimeoutMs: value as number }
    expect(() => createMemoryStore(options)).toThrow(/stallTimeoutMs/)
  })

  it.each([null, '', 5])('uploadJournal %o', (value) => {
    const options = { uploadJournal: value as string }
    expect(() => createMemoryStore(options)).toThrow(/uploadJournal/)
  })
})

describe('a body', () => {
  it('that was not begun is left as it was, for another try', async () => {
    const store = createMemoryStore()
    const body = new Blob(['content']).stream()
    expect(await failureOf(store.put('k', body, { size: -1 }))).toMatchObject(refused('size'))
    const signal = AbortSignal.abort(new Error('too late'))
    expect(await failureOf(store.put('k', body, { signal }))).toBe(signal.reason)
    expect(await store.put('k', body)).toMatchObject({ size: 7 })
  })

  it('that fails to end as well fails with the first error', async () => {
    const reason = new Error('first')
    const iterator = {
      next: () => Promise.reject(reason),
      return() {
        throw new Error('second')
      },
    }
    const body: StoreBody = { [Symbol.asyncIterator]: () => iterator }
    expect(await failureOf(createMemoryStore().put('k', body))).toBe(reason)
  })

  it('of nothing but empty chunks, for ever, hears an abort', async () => {
    let chunks = 0
    async function* empty() {
      // Bounded, so that the test can fail.
      while (chunks++ < 2_000_000) yield new Uint8Array()
    }
    const signal = AbortSignal.timeout(50)
    expect(await failureOf(createMemoryStore().put('k', empty(), { signal }))).toBe(signal.reason)
    expect(chunks).toBeLessThan(2_000_000)
  })
})

describe('a backend that describes objects as none can be is an error', () => {
  const good = { ...info, size: 7 }
  const cases: [name: string, change: object][] = [
    ['no size', { size: undefined }],
    ['a size that is no number', { size: NaN }],
    ['a negative size', { size: -7 }],
    ['no etag', { etag: '' }],
    ['no time', { lastModified: new Date(NaN) }],
  ]

  it.each(cases)('%s', async (_name, change) => {
    const bad = { ...good, ...change }
    const driver: Partial<StoreDriver> = {
      head: () => Promise.resolve(bad),
      get: () => Promise.resolve({ ...bad, body: giving([Buffer.from('content')]) }),
      async *list() {
        yield { ...bad, key: 'k' }
      },
      copy: () => Promise.resolve({ ...bad }),
    }
    const store = createStore(faultyDriver(driver))
    const calls = [store.head('k'), store.get('k'), store.copy('k', 'l'), collect(store.list())]
    for (const call of calls) {
      expect(await failureOf(call)).toMatchObject({ name: 'StoreError', code: 'IO_ERROR' })
    }
  })

  it('a write that gives no etag: whatever answered, it may be no object store', async () => {
    const driver = faultyDriver({
      async put(_key, body) {
        return { etag: '', size: (await collect(body)).length }
      },
    })
    expect(await failureOf(createStore(driver).put('k', 'content'))).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('gave no etag'),
    })
  })
})

it.each([undefined, new AbortController().signal])(
  'a content that nobody reads or cancels is let go when it is collected (signal: %o)',
  async (signal) => {
    const freed: string[] = []
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true as const, value: undefined }),
        return() {
          freed.push('one')
          return Promise.resolve({ done: true as const, value: undefined })
        },
      }),
    }
    const store = createStore(
      faultyDriver({ get: () => Promise.resolve({ ...info, size: 7, body }) }),
    )
    // In a function of its own, whose variables are gone when it returns.
    const forget = async (): Promise<void> => void (await store.get('k', { signal }))
    for (let count = 0; count < 10; count++) await forget()
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    for (let round = 0; round < 50 && freed.length < 9; round++) {
      collectGarbage()
      await sleep(20)
    }
    expect(freed.length).toBeGreaterThanOrEqual(9)
  },
)
