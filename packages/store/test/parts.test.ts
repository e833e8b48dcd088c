import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStore, StoreError, sweepUploads } from '@prefect-ts/store'
import type { DriverMultipart, StoreDriver, StoreErrorCode } from '@prefect-ts/store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryDriver } from '../src/memory-store.ts'
import { createUploadJournal } from '../src/upload-journal.ts'
import { collect, failureOf, giving, never } from './faulty-driver.ts'

const megabyte = 1024 * 1024
let uploadJournal = ''

beforeEach(async () => {
  uploadJournal = await mkdtemp(join(tmpdir(), 'store-journal-'))
})
afterEach(async () => {
  await rm(uploadJournal, { recursive: true, force: true, maxRetries: 5 })
})

/** A store in memory that counts its pending uploads, with some methods of the driver replaced. */
function open(
  change: (driver: StoreDriver, multipart: DriverMultipart) => Partial<StoreDriver> = () => ({}),
  changeParts: (multipart: DriverMultipart) => Partial<DriverMultipart> = () => ({}),
  stallTimeoutMs = 30_000,
) {
  const driver = createMemoryDriver()
  const { multipart } = driver
  if (multipart === undefined) throw new Error('memory writes in parts')
  const pending = new Map<string, string>()
  const counted: DriverMultipart = {
    ...multipart,
    async begin(key, options) {
      const id = await multipart.begin(key, options)
      pending.set(id, key)
      return id
    },
    async complete(key, id, tags, options) {
      const result = await multipart.complete(key, id, tags, options)
      pending.delete(id)
      return result
    },
    async abort(key, id, options) {
      pending.delete(id)
      await multipart.abort(key, id, options)
    },
    pending: (key) =>
      Promise.resolve(
        [...pending].flatMap(([id, of]) =>
          of === key ? [{ id, startedAt: new Date(), hasParts: false }] : [],
        ),
      ),
  }
  const parts = { ...counted, ...changeParts(counted) }
  const changed = { ...driver, multipart: parts, ...change(driver, parts) }
  return { store: createStore(changed, { stallTimeoutMs, uploadJournal }), pending, parts }
}

function refuse(code: StoreErrorCode): never {
  throw new StoreError(`no: ${code}`, { code })
}

const body = (size: number): Uint8Array => Buffer.alloc(size, 'x')

/** What is pending when a `put` has ended that was aborted while its begin went on for so long. */
async function givenUpWhileItBegins(beginMs: number): Promise<Map<string, string>> {
  const controller = new AbortController()
  const reason = new Error('enough')
  const { store, pending } = open(undefined, (parts) => ({
    async begin(key, options) {
      const id = await parts.begin(key, options)
      controller.abort(reason)
      // The answer is lost to a request that ends with the abort.
      await sleep(beginMs, undefined, { signal: options.signal })
      return id
    },
  }))
  const { signal } = controller
  expect(await failureOf(store.put('k', body(3 * megabyte), { signal }))).toBe(reason)
  return pending
}

describe('a body in parts', () => {
  it('keeps a bounded number of parts in flight, and the order', async () => {
    let inFlight = 0
    let most = 0
    const { store } = open(undefined, (parts) => ({
      async part(key, id, part, options) {
        most = Math.max(most, ++inFlight)
        await sleep(Math.random() * 10)
        inFlight--
        return await parts.part(key, id, part, options)
      },
    }))
    const bytes = crypto.getRandomValues(new Uint8Array(65_536))
    const chunks = Array.from({ length: 16 * 12 }, () => bytes)
    await store.put('k', giving(chunks))
    expect(most).toBe(3)
    const object = await store.get('k')
    const read = Buffer.concat(await collect(object?.body))
    expect(read.equals(Buffer.concat(chunks))).toBe(true)
    expect(await readdir(uploadJournal)).toEqual([])
  })

  it('of unknown size has parts that grow before there are too many', async () => {
    const sizes: number[] = []
    const { store } = open(undefined, (parts) => ({
      partSize: 1,
      part(key, id, part, options) {
        sizes.push(part.bytes.byteLength)
        return parts.part(key, id, part, options)
      },
    }))
    await store.put('k', giving([body(7_000)]))
    expect(sizes.length).toBe(3_000)
    expect(new Set(sizes)).toEqual(new Set([1, 2, 4]))
    expect((await store.head('k'))?.size).toBe(7_000)
  })

  it('of known size has parts that are long enough', async () => {
    const sizes: number[] = []
    const { store } = open(undefined, (parts) => ({
      partSize: 1,
      maxParts: 7,
      part(key, id, part, options) {
        sizes.push(part.bytes.byteLength)
        return parts.part(key, id, part, options)
      },
    }))
    await store.put('k', body(100))
    expect(sizes.toSorted((a, b) => b - a)).toEqual([15, 15, 15, 15, 15, 15, 10])
  })

  it('leaves no upload behind, however it fails (200 trials)', { timeout: 120_000 }, async () => {
    for (let trial = 0; trial < 200; trial++) {
      const at = 1 + (trial % 4)
      const controller = new AbortController()
      const reason = new Error('the source failed')
      const { store, pending } = open(undefined, (parts) => ({
        async part(key, id, part, options) {
          await sleep(trial % 3)
          if (part.number === at && trial % 5 === 0) refuse('ACCESS_DENIED')
          if (part.number === at && trial % 5 === 1) controller.abort(reason)
          return await parts.part(key, id, part, options)
        },
        async complete(key, id, tags, options) {
          if (trial % 5 === 2) refuse('ACCESS_DENIED')
          return await parts.complete(key, id, tags, options)
        },
      }))
      const chunks = Array.from({ length: 4 }, () => body(megabyte))
      const isSourceBroken = trial % 5 === 3
      const size = trial % 5 === 4 ? 4 * megabyte + 1 : undefined
      const error = await failureOf(
        store.put('k', giving(chunks, isSourceBroken ? reason : undefined), {
          signal: controller.signal,
          size,
        }),
      )
      expect(error).toBeInstanceOf(Error)
      expect(pending.size).toBe(0)
      expect(await store.head('k')).toBeUndefined()
    }
    expect(await readdir(uploadJournal)).toEqual([])
  })

  it('that is given up while it begins is aborted once it has begun', async () => {
    const pending = await givenUpWhileItBegins(50)
    expect(pending.size).toBe(0)
    expect(await readdir(uploadJournal)).toEqual([])
  })

  it('whose begin is never answered ends soon after an abort', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const { store } = open(undefined, () => ({
      begin(_key, { signal }) {
        controller.abort(reason)
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
    }))
    const started = performance.now()
    const { signal } = controller
    expect(await failureOf(store.put('k', body(3 * megabyte), { signal }))).toBe(reason)
    expect(performance.now() - started).toBeLessThan(4_000)
    // What the backend may have begun all the same is for a sweep.
    expect(await readdir(uploadJournal)).toHaveLength(1)
  })

  it('whose begin is answered late leaves nothing, and an abort does not wait for it', async () => {
    const pending = await givenUpWhileItBegins(2_000)
    expect(pending.size).toBe(1)
    await expect.poll(() => pending.size, { timeout: 5_000 }).toBe(0)
    await expect.poll(() => readdir(uploadJournal), { timeout: 5_000 }).toEqual([])
  })

  it('repeats a part that was unavailable or stalled, and gives up within the limit', async () => {
    let calls = 0
    const { store } = open(
      undefined,
      (parts) => ({
        async part(key, id, part, options) {
          if (part.number === 2 && ++calls < 3)
            return calls === 1 ? await never() : refuse('UNAVAILABLE')
          return await parts.part(key, id, part, options)
        },
      }),
      3_000,
    )
    await store.put('k', body(3 * megabyte))
    expect(calls).toBe(3)
    const mute = open(undefined, () => ({ part: () => never() }), 300)
    const started = performance.now()
    expect(await failureOf(mute.store.put('k', body(3 * megabyte)))).toMatchObject({
      code: 'STALLED',
    })
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(mute.pending.size).toBe(0)
  })

  it('tries an abort again, and the journal keeps what could not be aborted', async () => {
    let aborts = 0
    const { store, pending } = open(undefined, (parts) => ({
      part: () => refuse('ACCESS_DENIED'),
      abort: (key, id, options) =>
        ++aborts < 3 ? refuse('UNAVAILABLE') : parts.abort(key, id, options),
    }))
    expect(await failureOf(store.put('k', body(3 * megabyte)))).toMatchObject({
      code: 'ACCESS_DENIED',
    })
    expect([aborts, pending.size]).toEqual([3, 0])
    const broken = open(undefined, () => ({
      part: () => refuse('ACCESS_DENIED'),
      abort: () => refuse('UNAVAILABLE'),
    }))
    await failureOf(broken.store.put('k', body(3 * megabyte)))
    expect(await readdir(uploadJournal)).toHaveLength(1)
  })
})

/** An upload of a process that is gone, unless `more` says otherwise. */
async function record(url: string, key: string, more: object): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const entry = { url, key, startedAt: Date.now(), host: hostname(), pid, processStart: '1' }
  const file = join(uploadJournal, `${crypto.randomUUID()}.json`)
  await writeFile(file, JSON.stringify({ ...entry, ...more }))
}

describe('a sweep', () => {
  it('aborts what ended processes have left, and nothing else', async () => {
    const { store, pending, parts } = open()
    const begin = (key: string) => parts.begin(key, {} as never)
    const ours = await begin('ours')
    const unknown = await begin('unknown')
    const reused = await begin('reused pid')
    const stranger = await begin('stranger')
    const running = await begin('running')
    await record(store.url, 'ours', { id: ours })
    await record(store.url, 'unknown', {})
    await record(store.url, 'stranger', { startedAt: 0 })
    await record(store.url, 'reused pid', { id: reused, pid: process.pid })
    await record(store.url, 'running', {})
    await record('memory://other/', 'stranger', { id: stranger })
    await record(store.url, 'stranger', { id: stranger, server: 'https://other.test' })
    await record(store.url, 'elsewhere', { id: stranger, host: 'another-machine' })
    // What a kill between two steps of a save leaves, and what a running process is about to finish.
    const { pid: gone } = spawnSync(process.execPath, ['--version'])
    await writeFile(join(uploadJournal, `${gone}-torn.json.tmp`), '{"url')
    await writeFile(join(uploadJournal, `${process.pid}-young.json.tmp`), '')
    const entry = await createUploadJournal(uploadJournal).open(store, 'running')
    await entry?.begun(running)
    expect([...pending.keys()]).toEqual([ours, unknown, reused, stranger, running])
    const { aborted, left } = await sweepUploads(store)
    expect([aborted, left]).toEqual([3, 0])
    expect([...pending.keys()]).toEqual([stranger, running])
    const torn = (await readdir(uploadJournal)).filter((name) => name.endsWith('.tmp'))
    expect(torn).toEqual([`${process.pid}-young.json.tmp`])
  })

  it('takes no upload that was begun while it looked for a lost one', async () => {
    const { store, pending, parts } = open(undefined, (counted) => ({
      async pending(key, call) {
        const entry = await createUploadJournal(uploadJournal).open(store, key)
        await entry?.begun(await counted.begin(key, {} as never))
        return (await counted.pending?.(key, call)) ?? []
      },
    }))
    const lost = await parts.begin('k', {} as never)
    await record(store.url, 'k', {})
    expect(await sweepUploads(store)).toEqual({ aborted: 0, left: 0 })
    expect(pending.size).toBe(2)
    expect([...pending.keys()]).toContain(lost)
  })

  it('takes no running upload of another container of the same name for a lost one', async ({
    skip,
  }) => {
    const isolate = ['--pid', '--fork', '--mount-proc', '--kill-child']
    if (spawnSync('unshare', [...isolate, 'true']).status !== 0) skip('needs namespaces')
    const { store, pending, parts } = open()
    const id = await parts.begin('elsewhere', {} as never)
    const code = `
      import { createUploadJournal } from ${JSON.stringify(new URL('../src/upload-journal.ts', import.meta.url).href)}
      const entry = await createUploadJournal(${JSON.stringify(uploadJournal)}).open({ url: '${store.url}' }, 'elsewhere')
      await entry.begun('${id}')
      console.log('begun')
      setInterval(() => {}, 1000)`
    const node = [process.execPath, '--input-type=module', '--eval', code]
    const child = spawn('unshare', [...isolate, ...node], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(child.stdout, 'data')
      expect(await sweepUploads(store)).toEqual({ aborted: 0, left: 0 })
      expect([...pending.keys()]).toEqual([id])
      const [name = ''] = await readdir(uploadJournal)
      const file = join(uploadJournal, name)
      const begun = JSON.parse(await readFile(file, 'utf8')) as object
      await writeFile(file, JSON.stringify({ ...begun, startedAt: Date.now() - 8 * 86_400_000 }))
      expect(await sweepUploads(store)).toEqual({ aborted: 1, left: 0 })
    } finally {
      child.kill('SIGKILL')
    }
  })
})
