import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { downloadDirectory, uploadDirectory } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRandom } from '../../../test/special-keys.ts'

// R24: an abort at any time is heard at once, and nothing is left behind.

const aborts = process.env['PREFECT_TS_TRIALS'] === 'full' ? 200 : 60
const size = 12_000_000
let root = ''
let store: Store
const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => void unhandled.push(reason)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cancellation-'))
  store = createLocalStore({ basepath: join(root, 'base') })
  await store.put('k', Buffer.alloc(size, 1))
  await mkdir(join(root, 'from'))
  await writeFile(join(root, 'from/big'), Buffer.alloc(size, 2))
  for (let index = 0; index < 60; index++) {
    await writeFile(join(root, `from/${index}`), Buffer.alloc(30_000, 2))
    await writeFile(join(root, `base/x${index}`), Buffer.alloc(30_000, 2))
  }
  process.on('unhandledRejection', onUnhandled)
})

afterEach(async () => {
  process.off('unhandledRejection', onUnhandled)
  await rm(root, { recursive: true, force: true })
})

async function* slowly(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 40; index++) {
    yield Buffer.alloc(300_000, 3)
    await sleep(1)
  }
}

type Operation = (signal: AbortSignal) => Promise<unknown>

const operations: Readonly<Record<string, Operation>> = {
  put: (signal) => store.put('k', Buffer.alloc(size, 3), { signal }),
  'put of a stream': (signal) => store.put('k', slowly(), { signal }),
  'put of a stream that hangs': (signal) => {
    const hanging = new ReadableStream<Uint8Array>({
      pull: () => new Promise<void>(() => undefined),
    })
    return store.put('new', hanging, { signal })
  },
  async get(signal) {
    const object = await store.get('k', { signal })
    return await new Response(object?.body).arrayBuffer()
  },
  async 'get without reading'(signal) {
    const object = await store.get('k', { signal })
    await sleep(100)
    return await object?.body.getReader().read()
  },
  copy: (signal) => store.copy('k', 'copied', { signal }),
  download: (signal) => store.download('k', join(root, 'to/file'), { signal }),
  upload: (signal) => store.upload(join(root, 'from/big'), 'uploaded', { signal }),
  async list(signal) {
    for await (const { key } of store.list({ signal })) if (key === '') break
  },
  delete: (signal) =>
    store.delete(
      Array.from({ length: 60 }, (_, index) => `x${index}`),
      { signal },
    ),
  'download of a directory': (signal) => downloadDirectory(store, '', join(root, 'to'), { signal }),
  'upload of a directory': (signal) => uploadDirectory(store, join(root, 'from'), 'up', { signal }),
}

/** Files of the sandbox that this process has open. */
async function openFiles(): Promise<string[]> {
  const paths = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  )
  return (await Promise.all(paths)).filter((path) => path.startsWith(root))
}

async function waitForNone(what: () => Promise<string[]>): Promise<string[]> {
  const deadline = Date.now() + 5_000
  let found = await what()
  while (found.length > 0 && Date.now() < deadline) {
    await sleep(20)
    found = await what()
  }
  return found
}

async function unfinished(): Promise<string[]> {
  const names = await readdir(root, { recursive: true })
  return names.filter((name) => name.endsWith('.prefect-ts-tmp'))
}

it(
  `${aborts} aborts at random times end the call at once and leave nothing`,
  { timeout: 300_000 },
  async () => {
    const random = createRandom(24)
    const names = Object.keys(operations)
    const late: unknown[] = []
    const wrong: unknown[] = []
    let ended = 0
    for (let trial = 0; trial < aborts; trial++) {
      const name = names[trial % names.length] ?? ''
      const controller = new AbortController()
      const reason = new Error(`abort ${trial}`)
      let abortedAt = 0
      const work = operations[name]?.(controller.signal).then(
        () => 'done',
        (error: unknown) => error,
      )
      await sleep(random(40))
      abortedAt = performance.now()
      controller.abort(reason)
      const outcome = await work
      const tookMs = performance.now() - abortedAt
      if (outcome === reason) ended++
      else if (outcome !== 'done') wrong.push({ name, outcome })
      // One second is promised; the rest is for a busy machine.
      if (tookMs > 2_500) late.push({ name, tookMs })
      expect(await waitForNone(unfinished)).toEqual([])
    }
    expect(wrong).toEqual([])
    expect(late).toEqual([])
    expect(ended).toBeGreaterThan(aborts / 4)
    // What is there is whole.
    for await (const { key, size: bytes } of store.list()) {
      const object = await store.get(key)
      const content = Buffer.from(await new Response(object?.body).arrayBuffer())
      expect([key, content.byteLength]).toEqual([key, bytes])
      expect(content.equals(Buffer.alloc(bytes, content[0]))).toBe(true)
      expect([size, 30_000]).toContain(bytes)
    }
    expect(unhandled).toEqual([])
  },
)

it.skipIf(process.platform !== 'linux')('an abort closes every file', async () => {
  for (const [name, operation] of Object.entries(operations)) {
    for (const delayMs of [0, 2, 15]) {
      const controller = new AbortController()
      const work = operation(controller.signal).catch(() => undefined)
      await sleep(delayMs)
      controller.abort()
      await work
      expect([name, await waitForNone(openFiles)]).toEqual([name, []])
    }
  }
  expect(unhandled).toEqual([])
})
