import { createStore, StoreError } from '@prefect-ts/store'
import type { Store, StoreDriver, StoreErrorCode } from '@prefect-ts/store'
import { describe, expect, it } from 'vitest'
import { createMemoryDriver } from '../src/memory-store.ts'
import { failureOf, never } from './faulty-driver.ts'

const fail = (code: StoreErrorCode) => new StoreError(`reply: ${code}`, { code })
const large = Buffer.alloc(3_000_000, 'x')

/** A store whose writes are done and then answered with `reply`. */
function losing(reply: () => Promise<never>, change: Partial<StoreDriver> = {}): Store {
  const driver = createMemoryDriver()
  const { multipart } = driver
  if (multipart === undefined) throw new Error('memory writes in parts')
  return createStore(
    {
      ...driver,
      async put(key, body, options) {
        await driver.put(key, body, options)
        return await reply()
      },
      multipart: {
        ...multipart,
        async complete(key, id, tags, options) {
          await multipart.complete(key, id, tags, options)
          return await reply()
        },
      },
      ...change,
    },
    { stallTimeoutMs: 1_000 },
  )
}

describe('a lost reply', () => {
  // A repetition of a write that was done is told that the object exists, or is another version.
  const codes = ['OUTCOME_UNKNOWN', 'ALREADY_EXISTS', 'PRECONDITION_FAILED', 'UNAVAILABLE'] as const

  it.each(codes)('%s is a success when the object carries the id of the write', async (code) => {
    for (const body of ['small', large]) {
      const store = losing(() => Promise.reject(fail(code)))
      const options = code === 'ALREADY_EXISTS' ? { ifAbsent: true } : {}
      const result = await store.put('k', body, options)
      const head = await store.head('k')
      expect(result).toEqual({ etag: head?.etag, size: body.length })
      expect(head?.metadata).toEqual({})
    }
  })

  it('is a success too when it never comes', async () => {
    for (const body of ['small', large]) {
      expect((await losing(() => never()).put('k', body, { ifAbsent: true })).size).toBe(
        body.length,
      )
    }
  })

  it("is the conflict it says when the object is another writer's", async () => {
    const store = losing(() => Promise.reject(fail('ALREADY_EXISTS')), {
      put: () => Promise.reject(fail('ALREADY_EXISTS')),
      async head(_key, _options) {
        return { size: 5, etag: '"2"', lastModified: new Date(0), contentType: '', metadata: {} }
      },
    })
    expect(await failureOf(store.put('k', 'small', { ifAbsent: true }))).toMatchObject({
      code: 'ALREADY_EXISTS',
    })
  })

  it('of a conditional write that can not be proven is OUTCOME_UNKNOWN, of a plain one retryable', async () => {
    const store = losing(() => never(), { head: () => never() })
    for (const body of ['small', large]) {
      const key = body === large ? 'large' : 'small'
      expect(await failureOf(store.put(key, body, { ifAbsent: true }))).toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
      })
      expect(await failureOf(store.put(key, body))).toMatchObject({
        code: 'STALLED',
        retryable: true,
      })
    }
  })

  it('is no question when the body was never sent', async () => {
    const store = losing(() => never(), {
      head: () => {
        throw new Error('asked')
      },
      put: () => never(),
    })
    const slow = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('source')),
    })
    expect(await failureOf(store.put('k', slow, { ifAbsent: true }))).toMatchObject({
      message: 'source',
    })
  })
})

describe('names that the core keeps with an object', () => {
  it('are refused from callers and hidden from them', async () => {
    const store = createStore(createMemoryDriver())
    const metadata = { 'prefect-ts-write-id': 'mine' }
    expect(await failureOf(store.put('k', 'x', { metadata }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await store.put('k', 'x', { metadata: { 'prefect-ts-rundate': '2013-01-01' } })
    expect((await store.get('k'))?.metadata).toEqual({ 'prefect-ts-rundate': '2013-01-01' })
  })
})
