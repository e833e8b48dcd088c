import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Store, isStoreError } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { describe, expect, it } from 'vitest'
import {
  type CreateDatasetOptions,
  type Dataset,
  type DatasetBody,
  createDataset,
  isDatasetError,
  writeDataset,
} from '../src/index.ts'
import { contentsOf, makeFolder, stores, textOf } from './stores.ts'

const text = 'carrier,name\nUA,United – Ünïted\n'
const bytes = Buffer.from(text)
const sha256 = createHash('sha256').update(text).digest('hex')
const today = '2023-07-24'

function flights(options: Partial<CreateDatasetOptions> = {}): Dataset {
  return createDataset({ name: 'flights', format: 'csv', today, ...options })
}

async function* chunks(): AsyncGenerator<Uint8Array | string> {
  yield text.slice(0, 5)
  yield Buffer.from(text.slice(5))
}

const failure = new Error('source broke')

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(1 << 20)
  throw failure
}

const bodies: { form: string; make: () => DatasetBody | Promise<DatasetBody> }[] = [
  { form: 'text', make: () => text },
  { form: 'bytes', make: () => bytes },
  { form: 'a view', make: () => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
  { form: 'an ArrayBuffer', make: () => new TextEncoder().encode(text).buffer },
  { form: 'a Blob', make: () => new Blob([text]) },
  { form: 'a web stream', make: () => new Blob([text]).stream() },
  { form: 'a Node stream', make: () => Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]) },
  { form: 'an async iterable', make: chunks },
  { form: 'a file', make: async () => ({ file: await fileWith(text) }) },
]

async function fileWith(content: string): Promise<string> {
  const file = join(await makeFolder(), 'source.csv')
  await writeFile(file, content)
  return file
}

describe.each(stores)('writeDataset on $kind', ({ open }) => {
  it.each(bodies)('takes $form', async ({ make }) => {
    const store = await open()
    const dataset = flights()
    const result = await writeDataset(store, dataset, await make(), { rows: 1 })
    expect(await contentsOf(store)).toEqual({ [dataset.path]: text, [dataset.latestPath]: text })
    expect(result).toEqual({
      path: dataset.path,
      paths: [dataset.path, dataset.latestPath],
      uri: store.locate(dataset.path),
      bytes: bytes.byteLength,
      sha256,
      etag: (await store.head(dataset.path))?.etag,
      rows: 1,
      latest: 'written',
    })
  })

  it.each([
    { rundate: today, rundateType: 'latest' as const },
    { rundate: today, rundateType: 'specific' as const },
    { rundate: '2013-01-01', rundateType: 'latest' as const },
    { rundate: '2013-01-01', rundateType: 'specific' as const },
  ])('touches the paths of the table only: $rundateType of $rundate', async (row) => {
    const store = await open()
    for (const other of [
      { rundate: '2013-01-02' },
      { name: 'flights2' },
      { partitions: { k: '1' } },
    ]) {
      await writeDataset(store, flights(other), 'other')
    }
    await writeDataset(store, flights(), 'old')
    const before = await contentsOf(store)
    const dataset = flights(row)
    const result = await writeDataset(store, dataset, chunks(), { force: true })
    const written = Object.fromEntries(dataset.writePaths.map((path) => [path, text]))
    expect(await contentsOf(store)).toEqual({ ...before, ...written })
    expect(result.latest).toBe(row.rundateType === 'latest' ? 'written' : 'untouched')
    expect(result.path).toBe(dataset.writePaths[0])
  })

  it('leaves what was there when the body fails, is spent or is missing', async () => {
    const store = await open()
    await writeDataset(store, flights(), 'old')
    const before = await contentsOf(store)
    await expect(writeDataset(store, flights(), breaking())).rejects.toBe(failure)

    const spent = Readable.from([bytes])
    for await (const _ of spent);
    const missing = { file: join(await makeFolder(), 'absent.csv') }
    for (const body of [spent, missing, { file: await makeFolder() }]) {
      await expect(writeDataset(store, flights(), body)).rejects.toSatisfy((error) =>
        isDatasetError(error, 'INVALID_SOURCE'),
      )
    }
    await expect(writeDataset(store, flights(), 'half \ud800')).rejects.toSatisfy((error) =>
      isStoreError(error, 'INVALID_ARGUMENT'),
    )
    expect(await contentsOf(store)).toEqual(before)
  })

  it('ends with the signal’s reason and leaves nothing', async () => {
    const store = await open()
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const { signal } = controller
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (let number = 0; ; number += 1) {
          if (number === 3) controller.abort(reason)
          yield Buffer.alloc(1024)
        }
      } finally {
        closed = true
      }
    }
    await expect(writeDataset(store, flights(), endless(), { signal })).rejects.toBe(reason)
    const file = await fileWith(text)
    await expect(writeDataset(store, flights(), { file }, { signal })).rejects.toBe(reason)
    expect(await contentsOf(store)).toEqual({})
    expect(closed).toBe(true)
  })
})

/** A memory store whose calls are noted, some of them replaced. */
function watched(replace: (store: Store) => Partial<Store> = () => ({})): {
  store: Store
  calls: string[]
} {
  const memory = createMemoryStore()
  const calls: string[] = []
  const replaced = { ...memory, ...replace(memory) }
  const store: Store = {
    ...replaced,
    put: (key, ...rest) => (calls.push(`put ${key}`), replaced.put(key, ...rest)),
    upload: (file, key, ...rest) => (
      calls.push(`upload ${key}`),
      replaced.upload(file, key, ...rest)
    ),
    copy: (from, to, ...rest) => (
      calls.push(`copy ${from} ${to}`),
      replaced.copy(from, to, ...rest)
    ),
  }
  return { store, calls }
}

describe('writeDataset', () => {
  it('writes the dated path and then latest', async () => {
    const { path, latestPath } = flights()
    const stream = watched()
    await writeDataset(stream.store, flights(), chunks())
    expect(stream.calls).toEqual([`put ${path}`, `put ${latestPath}`])
    const file = watched()
    await writeDataset(file.store, flights(), { file: await fileWith(text) })
    expect(file.calls).toEqual([`upload ${path}`, `put ${latestPath}`])
    const plain = watched()
    await writeDataset(plain.store, flights(), chunks(), { latest: 'unguarded' })
    expect(plain.calls).toEqual([`put ${path}`, `copy ${path} ${latestPath}`])
  })

  it('leaves latest alone when the dated write fails, and keeps the dated one when latest fails', async () => {
    const { path, latestPath } = flights()
    const failing = (key: string): ReturnType<typeof watched> =>
      watched((memory) => ({
        put: (to, ...rest) => (to === key ? Promise.reject(failure) : memory.put(to, ...rest)),
      }))
    const datedFails = failing(path)
    await expect(writeDataset(datedFails.store, flights(), text)).rejects.toBe(failure)
    expect(datedFails.calls).toEqual([`put ${path}`])
    const latestFails = failing(latestPath)
    await expect(writeDataset(latestFails.store, flights(), text)).rejects.toBe(failure)
    expect(await contentsOf(latestFails.store)).toEqual({ [path]: text })
  })

  it('refuses a file that changes between its digest and its transfer', async () => {
    const file = await fileWith(text)
    const { store } = watched((memory) => ({
      upload: async (from, key, options) => {
        await writeFile(from, text.toUpperCase())
        return memory.upload(from, key, options)
      },
    }))
    await expect(writeDataset(store, flights(), { file })).rejects.toSatisfy((error) =>
      isStoreError(error, 'DIGEST_MISMATCH'),
    )
    expect(await contentsOf(store)).toEqual({})
  })

  it('keeps metadata and the media type where the store can', async () => {
    const store = createMemoryStore()
    await writeDataset(store, flights(), text, { metadata: { source: 'test' } })
    for (const path of flights().writePaths) {
      expect(await store.head(path)).toMatchObject({
        contentType: 'text/csv',
        metadata: { source: 'test' },
      })
    }
    await writeDataset(store, flights({ compression: 'gzip' }), bytes)
    const zipped = await store.head(flights({ compression: 'gzip' }).path)
    expect(zipped?.contentType).toBeUndefined()

    const local = createLocalStore({ basepath: await makeFolder() })
    const call = writeDataset(local, flights(), text, { metadata: { source: 'test' } })
    await expect(call).rejects.toSatisfy((error) => isStoreError(error, 'UNSUPPORTED'))
  })

  it('never lets a reader see half a file', async () => {
    const store = createLocalStore({ basepath: await makeFolder() })
    const size = 3 << 20
    await writeDataset(store, flights(), 'a'.repeat(size))
    const written = new AbortController()
    const reader = (async () => {
      const seen = new Set<string>()
      while (!written.signal.aborted) {
        for (const path of flights().writePaths) {
          const content = (await textOf(store, path)) ?? ''
          expect(content).toHaveLength(size)
          expect(content).toBe(content.charAt(0).repeat(size))
          seen.add(content.charAt(0))
        }
      }
      return seen
    })()
    for (const letter of 'bcdefghij') await writeDataset(store, flights(), letter.repeat(size))
    written.abort()
    expect((await reader).size).toBeGreaterThan(1)
  })

  it('gives a glob that the store can place', async () => {
    const basepath = await makeFolder()
    const { glob } = flights({ partitions: { k: 'v' } })
    expect(glob).toBe('extracts/csv/dataset=flights/rundate=*/k=*/data.csv')
    expect(createLocalStore({ basepath }).locate(glob)).toBe(join(basepath, glob))
  })

  it('leaves no temporary file when a stream breaks', async () => {
    const basepath = await makeFolder()
    const store = createLocalStore({ basepath })
    await expect(writeDataset(store, flights(), breaking())).rejects.toBe(failure)
    expect(await readdir(basepath, { recursive: true })).toSatisfy((names: string[]) =>
      names.every((name) => !name.includes('data.csv')),
    )
  })

  it('says which place could not be written', async () => {
    const folder = await makeFolder()
    const basepath = join(folder, 'base')
    await mkdir(basepath)
    await chmod(folder, 0o755)
    await chmod(basepath, 0o555)
    const store = createLocalStore({ basepath })
    const root = process.geteuid?.() === 0
    try {
      if (root) process.seteuid?.('nobody')
      const call = writeDataset(store, flights(), text)
      await expect(call).rejects.toSatisfy((error) => isStoreError(error, 'ACCESS_DENIED'))
      await expect(writeDataset(store, flights(), chunks())).rejects.toThrow(flights().path)
    } finally {
      if (root) process.seteuid?.(0)
    }
    expect(await readdir(basepath)).toEqual([])
  })
})
