import { createHash } from 'node:crypto'
import { mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Worker } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { createStore, isStoreError, StoreError } from '@prefect-ts/store'
import type { DriverObject, Store, StoreDriver } from '@prefect-ts/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDigest } from '../src/digest.ts'
import { startFileCheck } from '../src/file-digest.ts'
import { createMemoryDriver } from '../src/memory-store.ts'
import { pourStream } from '../src/pour-stream.ts'
import { collect, failureOf, never } from './faulty-driver.ts'

const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 100 : 12
const megabyte = 1024 * 1024
const size = 5 * megabyte + 17
const bytes = Buffer.alloc(size)
for (let index = 0; index < size; index++) bytes[index] = (index * 31) ^ (index >> 9)
let folder = ''
let file = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-ranges-'))
  file = join(folder, 'file')
  await writeFile(file, 'old')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

type Served = DriverObject & { readonly offset: number }

/** A store in memory that holds the object `k`, whose opened objects go through `change`. */
async function serving(
  change: (
    object: Served,
    calls: number,
    driver: StoreDriver,
  ) => DriverObject | Promise<DriverObject>,
  more: Partial<StoreDriver> = {},
): Promise<Store> {
  const driver = createMemoryDriver()
  await createStore(driver).put('k', bytes)
  let calls = 0
  return createStore(
    {
      ...driver,
      async get(key, options) {
        const object = await driver.get(key, options)
        const { range } = options
        const offset = range !== undefined && 'offset' in range ? range.offset : 0
        return object && (await change({ ...object, offset }, ++calls, driver))
      },
      ...more,
    },
    { stallTimeoutMs: 3_000 },
  )
}

async function* cut(body: AsyncIterable<Uint8Array>, at: number): AsyncGenerator<Uint8Array> {
  let given = 0
  for await (const chunk of body) {
    const rest = at - given
    yield chunk.subarray(0, rest)
    given += chunk.byteLength
    if (given >= at) throw new Error('ECONNRESET')
  }
}

async function* doubled(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield Buffer.concat([chunk, chunk])
}

async function* flip(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    const changed = Uint8Array.from(chunk)
    if (changed.byteLength > 5) changed[5] = (changed[5] ?? 0) ^ 4
    yield changed
  }
}

async function untouched(): Promise<void> {
  expect(await readFile(file, 'utf8')).toBe('old')
  expect(await readdir(folder)).toEqual(['file'])
}

describe('a download in ranges', () => {
  it('resumes where it broke off, at random places', async () => {
    for (let trial = 0; trial < trials; trial++) {
      let asked = 0
      const store = await serving((object, calls) => {
        asked++
        if (calls % 3 !== trial % 3) return object
        return { ...object, body: cut(object.body, Math.floor(Math.random() * megabyte)) }
      })
      await store.download('k', file)
      expect((await readFile(file)).equals(bytes)).toBe(true)
      expect(asked).toBeLessThan(20)
    }
  }, 60_000)

  it('asks only for what is missing', async () => {
    const offsets: number[] = []
    const store = await serving((object, calls) => {
      offsets.push(object.offset)
      return calls === 1 ? { ...object, body: cut(object.body, 700_000) } : object
    })
    await store.download('k', file)
    expect(offsets.filter((offset) => offset % megabyte !== 0)).toEqual([700_000])
    expect((await readFile(file)).equals(bytes)).toBe(true)
  })

  it('gives up after a few breaks at the same place', async () => {
    let calls = 0
    const store = await serving((object) => {
      calls++
      return object.offset < megabyte ? { ...object, body: cut(object.body, 0) } : object
    })
    expect(await failureOf(store.download('k', file))).toMatchObject({ code: 'IO_ERROR' })
    expect(calls).toBeLessThan(12)
    await untouched()
  })

  it('goes on for as long as bytes keep coming, however often it breaks off', async () => {
    const large = Buffer.concat([bytes, bytes])
    const store = await serving((object) => ({ ...object, body: cut(object.body, megabyte) }), {
      parallelRead: { rangeSize: 8 * megabyte, concurrency: 2 },
    })
    await store.put('large', large)
    await store.download('large', file)
    expect((await readFile(file)).equals(large)).toBe(true)
  })

  it('is of one version: an object replaced meanwhile is an error', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const store = await serving(async (object, calls, driver) => {
        if (calls === 1 + (trial % 4)) await createStore(driver).put('k', Buffer.alloc(size, 'y'))
        return object
      })
      expect(await failureOf(store.download('k', file))).toMatchObject({
        code: 'PRECONDITION_FAILED',
        key: 'k',
      })
      await untouched()
    }
  })

  it('of more bytes than were asked for is an error', async () => {
    const store = await serving((object) => {
      return object.offset < megabyte ? object : { ...object, body: doubled(object.body) }
    })
    expect(await failureOf(store.download('k', file))).toMatchObject({ code: 'LENGTH_MISMATCH' })
    await untouched()
  })

  it('of an object that is removed meanwhile is an error', async () => {
    const store = await serving(async (object, _calls, driver) => {
      await createStore(driver).delete('k')
      return object
    })
    expect(await failureOf(store.download('k', file))).toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await untouched()
  })

  it('ends when a range stalls', async () => {
    const store = await serving((object, calls) => {
      if (calls !== 3) return object
      return { ...object, body: { [Symbol.asyncIterator]: () => ({ next: () => never() }) } }
    })
    expect(await failureOf(store.download('k', file))).toMatchObject({ code: 'STALLED' })
    await untouched()
  })

  it('ends at once when a range fails, though the first one hangs', async () => {
    const store = await serving((object, calls) => {
      if (calls === 1)
        return { ...object, body: { [Symbol.asyncIterator]: () => ({ next: () => never() }) } }
      throw new StoreError('not for you', { code: 'ACCESS_DENIED', key: 'k' })
    })
    const started = performance.now()
    expect(await failureOf(store.download('k', file))).toMatchObject({ code: 'ACCESS_DENIED' })
    // The limit for a stall is 3 s.
    expect(performance.now() - started).toBeLessThan(2_500)
    await untouched()
  })

  it('pours an object that can be, from its first range on', async () => {
    let iterated = 0
    let poured = 0
    const store = await serving((object) => ({
      ...object,
      body: {
        [Symbol.asyncIterator]() {
          iterated++
          return object.body[Symbol.asyncIterator]()
        },
      },
      async pour(sink) {
        poured++
        for await (const chunk of object.body) await sink(chunk)
      },
    }))
    await store.download('k', file)
    expect((await readFile(file)).equals(bytes)).toBe(true)
    expect([iterated, poured]).toEqual([0, 6])
  })

  it('reads some ranges at a time, and no more', async () => {
    let open = 0
    let most = 0
    const store = await serving((object) => {
      most = Math.max(most, ++open)
      const source = object.body[Symbol.asyncIterator]()
      const iterator: AsyncIterator<Uint8Array> = {
        async next() {
          await new Promise((resolve) => setImmediate(resolve))
          const step = await source.next()
          if (step.done === true) open--
          return step
        },
      }
      return { ...object, body: { [Symbol.asyncIterator]: () => iterator } }
    })
    await store.download('k', file)
    expect(most).toBe(3)
  })
})

describe('a digest that the backend keeps', () => {
  const hex = createHash('md5').update(bytes).digest('hex')
  const digest = { algorithm: 'md5', hex } as const

  it('makes a download verified, and refuses bad bytes', async () => {
    const driver = createMemoryDriver()
    await createStore(driver).put('k', bytes)
    for (const isWhole of [false, true]) {
      const parallelRead = isWhole ? undefined : driver.parallelRead
      const known: Partial<StoreDriver> = {
        parallelRead,
        async head(key, options) {
          const found = await driver.head(key, options)
          return found && { ...found, digest }
        },
        async get(key, options) {
          const found = await driver.get(key, options)
          return found && { ...found, digest }
        },
      }
      const good = createStore({ ...driver, ...known })
      expect(await good.download('k', file)).toMatchObject({ verified: true })
      expect((await readFile(file)).equals(bytes)).toBe(true)
      await writeFile(file, 'old')
      const bad = createStore({
        ...driver,
        ...known,
        async get(key, options) {
          const found = await driver.get(key, options)
          return found && { ...found, digest, body: flip(found.body) }
        },
      })
      expect(await failureOf(bad.download('k', file))).toMatchObject({ code: 'DIGEST_MISMATCH' })
      await untouched()
      const object = await bad.get('k')
      expect(await failureOf(collect(object?.body))).toMatchObject({
        code: 'DIGEST_MISMATCH',
      })
    }
  })

  it('is missed honestly', async () => {
    const store = await serving((object) => ({ ...object, metadata: {}, digest: undefined }), {
      head: () => Promise.reject(new Error('not known')),
    })
    expect(await store.download('k', file)).toMatchObject({ verified: false })
  })
})

describe('pourStream', () => {
  it('gives memory back once it was taken, when no other chunk can have it', async () => {
    const own = new Uint8Array(10).fill(1)
    const shared = new Uint8Array(20).fill(2).subarray(5, 15)
    const seen: number[] = []
    await pourStream(Readable.from([own, shared]), async (chunk) => {
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(...chunk)
    })
    expect(seen).toEqual([...Array<number>(10).fill(1), ...Array<number>(10).fill(2)])
    expect([own.byteLength, shared.byteLength]).toEqual([0, 10])
  })

  it.each(['at once', 'later'])(
    'ends the stream when nothing more is wanted, said %s',
    async (when) => {
      const stream = Readable.from([new Uint8Array(10), new Uint8Array(10)])
      const sink = (): Promise<void> => {
        const refusal = new Error('enough')
        if (when === 'later') return Promise.reject(refusal)
        throw refusal
      }
      await expect(pourStream(stream, sink)).rejects.toThrow('enough')
      expect(stream.destroyed).toBe(true)
    },
  )
})

describe('a check of a file that is being written', () => {
  const large = Buffer.alloc(40 * megabyte, bytes)
  const digest = { algorithm: 'md5', hex: createHash('md5').update(large).digest('hex') } as const

  it.each(['in a thread', 'without one that could run'])('%s', async (how) => {
    const started: Worker[] = []
    const onWorker = (worker: Worker): void => {
      started.push(worker)
      if (how !== 'in a thread') void worker.terminate()
    }
    process.on('worker', onWorker)
    for (const hex of [digest.hex, '0'.repeat(32)]) {
      const handle = await openFile(file, 'w+')
      try {
        const check = await startFileCheck(handle, 'k', { ...digest, hex }, large.byteLength)
        for (let position = 0; position < large.byteLength; position += 5 * megabyte) {
          await handle.write(large.subarray(position, position + 5 * megabyte), 0, null, position)
          check.advance(position + 5 * megabyte)
        }
        const outcome = await failureOf(check.verify((error) => error))
        expect(isStoreError(outcome, 'DIGEST_MISMATCH')).toBe(hex !== digest.hex)
        expect(isStoreError(outcome) || outcome === 'it resolved').toBe(true)
        await check.stop()
      } finally {
        await handle.close()
      }
    }
    process.off('worker', onWorker)
    expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1])
  })
})

describe('digests', () => {
  it('are those of their definitions, however the bytes are cut', async () => {
    // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    const zeros = await createDigest('crc32c')
    zeros.update(new Uint8Array(32))
    expect(zeros.hex()).toBe('8a9136aa')
    for (const cutAt of [0, 1, 4, 9]) {
      const sum = await createDigest('crc32c')
      const text = Buffer.from('123456789')
      sum.update(text.subarray(0, cutAt))
      sum.update(text.subarray(cutAt))
      expect(sum.hex()).toBe('e3069283')
    }
    const plain = await createDigest('crc32')
    plain.update(bytes)
    expect(plain.hex()).toBe(crc32(bytes).toString(16).padStart(8, '0'))
  })
})
