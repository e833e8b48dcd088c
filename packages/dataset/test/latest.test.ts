import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Store, isStoreError } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { createS3Store } from '@prefect-ts/store-s3'
import { describe, expect, it } from 'vitest'
import {
  type CreateDatasetOptions,
  type Dataset,
  createDataset,
  isDatasetError,
  writeDataset,
} from '../src/index.ts'
import { s3Keys } from '../../../test/servers/moto.ts'
import { startRclone } from '../../../test/servers/rclone.ts'
import { fromMetadata, toMetadata } from '../src/latest.ts'
import { readLatest } from '../src/latest-guard.ts'
import { acquireLatestLock, isStale, parseOwner } from '../src/latest-lock.ts'
import { parseRecord, resolveRecord } from '../src/latest-record.ts'
import { contentsOf, makeFolder, stores, textOf } from './stores.ts'

interface Vectors {
  decisions: {
    id: string
    latest: { rundate: string | null } | null
    rundate: string
    rundate_type: 'latest' | 'specific'
    today: string
    force?: boolean
    expect: {
      outcome?: string
      error?: string
      written: ('dated' | 'latest')[]
      latest_rundate: string | null
    }
  }[]
  metadata: {
    state: { rundate: string; rows: number | null; sha256: string }
    metadata: Record<string, string>
  }[]
  records: {
    id: string
    record: string
    file: { name: string; etag: string; bytes: number; sha256: string }
    rundate: string | null
  }[]
  etags: { inode: string; bytes: string; mtime_ns: string; etag: string }[]
  locks: {
    id: string
    owner: string
    same_host: boolean
    process: string | null
    unchanged_ms: number
    stale: boolean
  }[]
}

const file = new URL('../../../protocol/latest.vectors.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))
const today = '2023-07-24'

function flights(options: Partial<CreateDatasetOptions> = {}): Dataset {
  return createDataset({ name: 'flights', format: 'csv', today, ...options })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function* twoChunks(fails: boolean): AsyncGenerator<Uint8Array | string> {
  yield 'ol'
  yield Buffer.from('d')
  if (fails) throw new Error('source broke')
}

/** Puts content at `latest` as a guarded writer with that rundate would have left it. */
async function putLatest(store: Store, dataset: Dataset, rundate: string): Promise<void> {
  if (store.capabilities.metadata) {
    const metadata = toMetadata({ rundate, rows: undefined, sha256: sha256('before') })
    await store.put(dataset.latestPath, 'before', { metadata })
    return
  }
  const { etag } = await store.put(dataset.latestPath, 'before')
  const current = { rundate, rows: null, bytes: 6, sha256: sha256('before'), etag }
  const record = { version: 1, files: { 'data.csv': { current } } }
  await store.put(`${dirname(dataset.latestPath)}/_latest.json`, JSON.stringify(record))
}

describe.each(stores)('latest vectors on $kind', ({ open }) => {
  it.each(vectors.decisions)('$id', async (vector) => {
    const { rundate, rundate_type: rundateType, force, latest, expect: expected } = vector
    const store = await open()
    const dataset = flights({ rundate, rundateType, today: vector.today })
    if (latest?.rundate === null) await store.put(dataset.latestPath, 'before')
    else if (latest !== null) await putLatest(store, dataset, latest.rundate)
    const before = await contentsOf(store)

    const outcome = await writeDataset(store, dataset, 'after', { force, rows: 1 }).then(
      (result) => ({ outcome: result.latest, paths: result.paths }),
      (error: unknown) => {
        if (isDatasetError(error)) return { error: error.code, paths: [] }
        throw error
      },
    )
    const paths = expected.written.map((which) =>
      which === 'dated' ? dataset.path : dataset.latestPath,
    )
    const { outcome: wanted, error } = expected
    expect(outcome).toEqual(error === undefined ? { outcome: wanted, paths } : { error, paths })
    const written = Object.fromEntries(paths.map((path) => [path, 'after']))
    expect(await contentsOf(store)).toEqual({ ...before, ...written })
    const state = await readLatest(store, dataset, undefined)
    expect(state?.rundate ?? null).toBe(expected.latest_rundate)
    const wrote = expected.written.includes('latest')
    expect(wrote ? [state?.rows, state?.sha256] : []).toEqual(wrote ? [1, sha256('after')] : [])
  })
})

describe('latest vectors', () => {
  it.each(vectors.metadata)('metadata $metadata', ({ state, metadata }) => {
    const known = { ...state, rows: state.rows ?? undefined }
    expect(toMetadata(known)).toEqual(metadata)
    expect(fromMetadata(metadata)).toEqual(known)
  })

  it.each(vectors.records)('record $id', async ({ record, file: facts, rundate }) => {
    const found = await resolveRecord(parseRecord(record)[facts.name], {
      etag: facts.etag,
      bytes: facts.bytes,
      sha256: () => Promise.resolve(facts.sha256),
    })
    expect(found?.rundate ?? null).toBe(rundate)
  })

  it.each(vectors.locks)('lock $id', (vector) => {
    const isGone = vector.same_host ? vector.process !== 'running' : undefined
    const observed = { unchangedForMs: vector.unchanged_ms, isGone }
    expect(isStale(parseOwner(vector.owner), observed)).toBe(vector.stale)
  })

  it('etags are those of the local store', async () => {
    for (const { inode, bytes, mtime_ns: mtime, etag } of vectors.etags) {
      const parts = [inode, bytes, mtime].map((part) => BigInt(part).toString(16))
      expect(`"${parts.join('-')}"`).toBe(etag)
    }
    const store = createLocalStore({ basepath: await makeFolder() })
    const { etag } = await store.put('a', 'content')
    const { ino, size, mtimeNs } = await stat(store.locate('a'), { bigint: true })
    expect(etag).toBe(`"${[ino, size, mtimeNs].map((part) => part.toString(16)).join('-')}"`)
  })
})

describe.each(stores)('the guard on $kind', ({ open }) => {
  it('says what stands there and what to do', async () => {
    const store = await open()
    await writeDataset(store, flights(), 'new')
    const older = flights({ rundate: '2023-07-20', rundateType: 'latest' })
    await expect(writeDataset(store, older, 'old')).rejects.toThrow(
      /latest stands at 2023-07-24, which is newer than 2023-07-20; nothing was written.*force: true/,
    )
    const future = flights({ rundate: '2023-07-30', rundateType: 'latest' })
    await expect(writeDataset(store, future, 'x')).rejects.toThrow(/2023-07-30 is after today/)
  })

  it('takes a stream for latest alone, and does not touch it when that breaks', async () => {
    const store = await open()
    const older = flights({ rundate: '2023-07-20', rundateType: 'latest' })
    const result = await writeDataset(store, older, twoChunks(false))
    expect(result).toMatchObject({ latest: 'written', bytes: 3, sha256: sha256('old') })
    await expect(writeDataset(store, older, twoChunks(true))).rejects.toThrow('source broke')
    await expect(writeDataset(store, older, new Blob(['new']))).resolves.toMatchObject({ bytes: 3 })
    expect(await contentsOf(store)).toEqual({ [older.latestPath]: 'new' })
  })

  it('refuses user metadata under its own names', async () => {
    const store = await open()
    const call = writeDataset(store, flights(), 'x', { metadata: { 'prefect-ts-rundate': '1' } })
    await expect(call).rejects.toSatisfy((error) => isDatasetError(error, 'INVALID_DATASET'))
    expect(await contentsOf(store)).toEqual({})
  })

  it('takes the content of a writer of the same day that came in between', async () => {
    const inner = await open()
    let calls = 0
    // After this writer's dated put, and again after its first look at it, another one replaces the dated object.
    const store: Store = {
      ...inner,
      async head(key, options) {
        const found = await inner.head(key, options)
        if (key === flights().path && calls++ < 2) await inner.put(key, `other ${calls}`)
        return found
      },
    }
    const result = await writeDataset(store, flights(), 'mine')
    expect(result).toMatchObject({ latest: 'written', sha256: sha256('mine') })
    expect(await textOf(inner, flights().path)).toBe('other 2')
    expect(await textOf(inner, flights().latestPath)).toBe('other 2')
    const state = await readLatest(inner, flights(), undefined)
    expect(state).toEqual(
      expect.objectContaining({ rundate: today, rows: undefined, sha256: sha256('other 2') }),
    )
  })

  it('ends with the signal’s reason', async () => {
    const store = await open()
    const reason = new Error('cancelled')
    const controller = new AbortController()
    const slow: Store = {
      ...store,
      head: (key, options) => {
        controller.abort(reason)
        return store.head(key, options)
      },
    }
    const call = writeDataset(slow, flights(), 'x', { signal: controller.signal })
    await expect(call).rejects.toBe(reason)
  })
})

describe('a store that cannot guard', () => {
  it('is refused before anything is written, unless told otherwise', async () => {
    const memory = createMemoryStore()
    const store: Store = { ...memory, capabilities: { ...memory.capabilities, ifMatch: false } }
    await expect(writeDataset(store, flights(), 'x')).rejects.toSatisfy((error) =>
      isDatasetError(error, 'UNSUPPORTED'),
    )
    expect(await contentsOf(memory)).toEqual({})
    const specific = flights({ rundateType: 'specific' })
    expect(await writeDataset(store, specific, 'x')).toMatchObject({ latest: 'untouched' })
    const result = await writeDataset(store, flights(), 'y', { latest: 'unguarded' })
    expect(result.latest).toBe('written')
    expect(await textOf(memory, flights().latestPath)).toBe('y')
  })

  it('is refused too where a server shows only then that it ignores conditions', async () => {
    const server = await startRclone()
    try {
      await mkdir(join(server.folder, 'bucket'))
      const place = { bucket: 'bucket', endpoint: server.url, region: 'us-east-1' }
      const store = createS3Store({ ...place, credentials: s3Keys })
      const error: unknown = await writeDataset(store, flights(), 'x').catch((e: unknown) => e)
      expect(isDatasetError(error, 'UNSUPPORTED')).toBe(true)
      expect(String(error)).toContain('ignores If-None-Match')
      expect(String(error)).toContain(`"${flights().path}" is written. Say latest: "unguarded"`)
      expect(await contentsOf(store)).toEqual({ [flights().path]: 'x' })
    } finally {
      await server.stop()
    }
  })
})

describe('the lock on disk', () => {
  it('holds others off until it is released, and leaves nothing', async () => {
    const folder = await makeFolder()
    const signal = undefined
    const first = await acquireLatestLock(folder, { signal })
    expect(await acquireLatestLock(folder, { signal, patienceMs: 30 })).toBeUndefined()
    const second = acquireLatestLock(folder, { signal })
    expect(await first?.isHeld()).toBe(true)
    await first?.release()
    expect(await first?.isHeld()).toBe(false)
    await (await second)?.release()
    expect(await readdir(folder)).toEqual([])
    const aborted = acquireLatestLock(folder, { signal: AbortSignal.abort(new Error('stop')) })
    await expect(aborted).rejects.toThrow('stop')
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    { owner: { host: 'elsewhere', pid: 1, expiresAfterMs: 50 }, free: true },
    { owner: { host: 'elsewhere', pid: 1, expiresAfterMs: 60_000 }, free: false },
    { owner: 'no JSON', free: false },
  ])('of another host is taken over when it is not renewed: $owner', async ({ owner, free }) => {
    const folder = await makeFolder()
    await mkdir(join(folder, '_latest.lock'))
    const holder = join(folder, '_latest.lock', '0123456789abcdef.json')
    await writeFile(holder, typeof owner === 'string' ? owner : JSON.stringify(owner))
    const lock = await acquireLatestLock(folder, { signal: undefined, patienceMs: 600 })
    expect(lock !== undefined).toBe(free)
    await lock?.release()
  })

  it('of another host stays its own as long as it is renewed', async () => {
    const folder = await makeFolder()
    await mkdir(join(folder, '_latest.lock'))
    const holder = join(folder, '_latest.lock', '0123456789abcdef.json')
    await writeFile(holder, JSON.stringify({ host: 'elsewhere', pid: 1, expiresAfterMs: 5_000 }))
    let time = 1
    const renewal = setInterval(() => void utimes(holder, time, time++), 10)
    const lock = await acquireLatestLock(folder, { signal: undefined, patienceMs: 500 })
    clearInterval(renewal)
    expect(lock).toBeUndefined()
  })

  it('is LATEST_BUSY or an error of the folder, never a write without it', async () => {
    const store = createLocalStore({ basepath: await makeFolder() })
    await writeDataset(store, flights(), 'old')
    const folder = dirname(store.locate(flights().latestPath))
    await writeFile(join(folder, '_latest.lock'), 'a file, not a folder')
    const call = writeDataset(store, flights(), 'new')
    await expect(call).rejects.toSatisfy((error) => isStoreError(error))
    await expect(call).rejects.toThrow(/Cannot lock/)
    expect(await textOf(store, flights().latestPath)).toBe('old')
  })
})
