import { setTimeout as sleep } from 'node:timers/promises'
import { createStore } from '@prefect-ts/store'
import type { StoreDriver } from '@prefect-ts/store'
import { describe, expect, it } from 'vitest'
import { collect, failureOf, faultyDriver, giving, info, never } from './faulty-driver.ts'

const stallTimeoutMs = 60

function open(change: Partial<StoreDriver>) {
  return createStore(faultyDriver(change), { stallTimeoutMs })
}

async function* halfABody(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10)
  await never()
}

async function* slowly(...chunks: string[]): AsyncGenerator<string> {
  for (const chunk of chunks) {
    await sleep(stallTimeoutMs * 3)
    yield chunk
  }
}

const stalled = { name: 'StoreError', code: 'STALLED', retryable: true }

describe('a mute backend', () => {
  it('ends every call', async () => {
    const store = open({
      get: () => never(),
      head: () => never(),
      put: () => never(),
      delete: () => never(),
      copy: () => never(),
      list: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never() }) }),
    })
    expect(await failureOf(store.get('k'))).toMatchObject(stalled)
    expect(await failureOf(store.head('k'))).toMatchObject(stalled)
    expect(await failureOf(store.put('k', 'x'))).toMatchObject(stalled)
    expect(await failureOf(store.delete('k'))).toMatchObject(stalled)
    expect(await failureOf(store.copy('k', 'to'))).toMatchObject(stalled)
    expect(await failureOf(collect(store.list()))).toMatchObject(stalled)
    expect(await failureOf(store.download('k', 'never-written'))).toMatchObject(stalled)
  })

  it('is left after the limit, not before and not much later', async () => {
    const started = performance.now()
    expect(await failureOf(open({ head: () => never() }).head('k'))).toMatchObject(stalled)
    const waited = performance.now() - started
    expect(waited).toBeGreaterThan(stallTimeoutMs * 0.8)
    expect(waited).toBeLessThan(3_000)
  })

  it('ends a body half way, and tells the driver', async () => {
    let signal: AbortSignal | undefined
    const store = open({
      get(_key, call) {
        signal = call.signal
        return Promise.resolve({ ...info, size: 20, body: halfABody() })
      },
    })
    const object = await store.get('k')
    expect(await failureOf(collect(object?.body))).toMatchObject(stalled)
    expect(signal?.aborted).toBe(true)
  })

  it('ends a put half way', async () => {
    const store = open({
      async put(_key, body) {
        await body[Symbol.asyncIterator]().next()
        return await never()
      },
    })
    expect(await failureOf(store.put('k', new Uint8Array(5_000_000)))).toMatchObject(stalled)
  })

  it('gives the driver time to clean up before it says so', async () => {
    let cleaned = false
    const store = open({
      async put(_key, _body, { signal }) {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        await sleep(50)
        cleaned = true
        throw new Error('aborted by the core')
      },
    })
    expect(await failureOf(store.put('k', 'x'))).toMatchObject(stalled)
    expect(cleaned).toBe(true)
  })
})

describe('what is slow but no stall', () => {
  it('a body of the caller that takes its time', async () => {
    expect((await open({}).put('k', slowly('a', 'b'))).size).toBe(2)
  })

  it('a reader that takes its time', async () => {
    const body = giving([new Uint8Array(5), new Uint8Array(5)])
    const store = open({ get: () => Promise.resolve({ ...info, size: 10, body }) })
    const object = await store.get('k')
    const sizes: number[] = []
    for await (const chunk of object?.body ?? giving([])) {
      sizes.push(chunk.byteLength)
      await sleep(stallTimeoutMs * 2)
    }
    expect(sizes).toEqual([5, 5])
  })

  it('a driver that says that bytes move', async () => {
    const store = open({
      async put(_key, body, call) {
        await collect(body)
        for (let part = 0; part < 8; part++) {
          await sleep(stallTimeoutMs / 2)
          call.touch()
        }
        return { etag: '"1"', size: 1 }
      },
    })
    expect((await store.put('k', 'x')).etag).toBe('"1"')
  })

  it('an event loop that was blocked while the answer came in', async () => {
    const store = open({
      head: async () => {
        await sleep(5)
        const until = performance.now() + stallTimeoutMs * 2
        while (performance.now() < until);
        await sleep(0)
        return { ...info, size: 1 }
      },
    })
    expect((await store.head('k'))?.size).toBe(1)
  })
})

describe('the stall limit', () => {
  it.each([0, -1, Number.NaN, Infinity, 2 ** 31])('can not be %s', (value) => {
    expect(() => createStore(faultyDriver({}), { stallTimeoutMs: value })).toThrow(/stallTimeoutMs/)
  })
})
