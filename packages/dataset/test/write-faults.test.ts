import { spawnSync } from 'node:child_process'
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isStoreError } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { csv } from '../src/csv.ts'
import { digestOf } from '../src/digest.ts'
import {
  type Dataset,
  type WriteDatasetOptions,
  createDataset,
  deleteOldPartitions,
  deletePartition,
  isDatasetError,
  writeDataset,
  writeRows,
} from '../src/index.ts'
import { acquireLatestLock } from '../src/latest-lock.ts'
import { readLatest } from '../src/latest-guard.ts'
import type { FullDiskOutcome } from './full-disk-writer.ts'
import { contentsOf, makeFolder, stores, textOf } from './stores.ts'

vi.mock(import('../src/latest-lock.ts'), async (original) => {
  const actual = await original()
  return { ...actual, acquireLatestLock: vi.fn<typeof acquireLatestLock>(actual.acquireLatestLock) }
})

afterEach(() => vi.unstubAllEnvs())

const linux = process.platform === 'linux'
const today = '2023-07-24'

function flights(rundate = today, onDay = rundate): Dataset {
  return createDataset({ name: 'flights', format: 'csv', rundate, today: onDay })
}

/** The day before, in both its places. */
const before = flights('2023-07-23')

describe('a full disk', () => {
  const script =
    'mount -t tmpfs -o size=1m none "$1" && exec "$2" -C @prefect-ts/source "$3" "$1" "$4"'

  it.skipIf(!linux)('leaves day and latest whole (72 cases)', { timeout: 120_000 }, async () => {
    const writer = join(import.meta.dirname, 'full-disk-writer.ts')
    const folders = [await makeFolder(), process.execPath, writer, await makeFolder()]
    const run = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', ...folders])
    // Without root: "unshare failed: Operation not permitted".
    expect(run.stderr.toString()).toBe('')
    const outcomes = JSON.parse(run.stdout.toString()) as FullDiskOutcome[]
    expect(outcomes).toHaveLength(72)
    const states = { both: new Set<string>(), latest: new Set<string>() }
    for (const outcome of outcomes) {
      const { code, dated, latest, noted, isDigestRight, left, next, paths } = outcome
      states[paths === 'both' ? 'both' : 'latest'].add(`${code} ${dated} ${latest}`)
      const day = latest === 'new' ? today : before.rundate
      expect([outcome, noted, isDigestRight, left, next]).toEqual([
        outcome,
        day,
        true,
        [],
        'written',
      ])
    }
    // Latest is never ahead of its day, and only an error leaves either as it was.
    const both = ['NO_SPACE none old', 'NO_SPACE new old', 'done new new']
    expect(states.both).toEqual(new Set(both))
    expect(states.latest).toEqual(new Set(['NO_SPACE none old', 'done none new']))
  })
})

describe('an abort', () => {
  it('while the lock of latest is taken gives it back', async () => {
    const store = createLocalStore({ basepath: await makeFolder() })
    await writeDataset(store, before, 'old')
    const reason = new Error('cancelled')
    const controller = new AbortController()
    const acquire = vi.mocked(acquireLatestLock).getMockImplementation() ?? acquireLatestLock
    vi.mocked(acquireLatestLock).mockImplementationOnce(async (folder, options) => {
      const lock = await acquire(folder, options)
      controller.abort(reason)
      await sleep(100)
      return lock
    })
    const { signal } = controller
    await expect(writeDataset(store, flights(), 'new', { signal })).rejects.toBe(reason)
    const folder = dirname(store.locate(before.latestPath))
    expect((await readdir(folder)).toSorted()).toEqual(['_latest.json', 'data.csv'])
    // Nobody has to wait for a process that lives on.
    expect((await writeDataset(store, flights(), 'next')).latest).toBe('written')
  })

  it('while the record is written under the lock waits for it', async () => {
    const local = createLocalStore({ basepath: await makeFolder() })
    await writeDataset(local, before, 'old')
    const reason = new Error('cancelled')
    const controller = new AbortController()
    const writing = new Set<string>()
    const store: Store = {
      ...local,
      url: local.url,
      async put(key, content, options) {
        if (!key.endsWith('_latest.json')) return await local.put(key, content, options)
        controller.abort(reason)
        writing.add(key)
        await sleep(100)
        const result = await local.put(key, content)
        writing.delete(key)
        return result
      },
    }
    const { signal } = controller
    await expect(writeDataset(store, flights(), 'new', { signal })).rejects.toBe(reason)
    // One that came after the next writer's would hide what that one wrote.
    expect(writing).toEqual(new Set())
    expect(await textOf(local, before.latestPath)).toBe('old')
    expect(await readLatest(local, before, undefined)).toMatchObject({ rundate: before.rundate })
  })

  const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 300 : 40
  it.each(stores)(
    `at ${trials} random moments leaves each file old or new on $kind`,
    { timeout: 300_000 },
    async ({ kind, open }) => {
      const store = await open()
      const file = join(await makeFolder(), 'source.csv')
      await writeFile(file, text)
      const spools = await makeFolder()
      vi.stubEnv('TMPDIR', spools)
      const writers: Writer[] = [
        (day, options) => writeDataset(store, flights(day), `${day}\n${text}`, options),
        (day, options) => writeDataset(store, flights(day), streamOf(day), options),
        (day, options) => writeDataset(store, flights(day), { file }, options),
        (day, options) => writeRows(store, flights(day), table, { ...options, codec: csv() }),
        (day, options) => writeDataset(store, latestOnly(day), streamOf(day), options),
      ]
      const took: number[] = []
      const wrong: unknown[] = []
      let current: string | undefined
      let ended = 0
      for (let trial = 0; trial < trials + writers.length; trial++) {
        const day = new Date(Date.UTC(2024, 0, 1 + trial)).toISOString().slice(0, 10)
        const index = trial % writers.length
        const reason = new Error(`abort ${trial}`)
        const began = performance.now()
        // The first of each is not aborted: it tells how long one takes.
        const afterMs = took[index] === undefined ? Infinity : Math.random() * took[index] * 1.2
        const outcome = await aborted(writers[index], day, reason, afterMs)
        took[index] ??= performance.now() - began
        if (outcome === reason) ended += 1

        const whole = [text, numbers][index - 2] ?? `${day}\n${text}`
        const dated = await textOf(store, flights(day).path)
        const latest = await textOf(store, flights(day).latestPath)
        const noted = await readLatest(store, flights(day), undefined)
        const left = await readdir(spools)
        if (kind === 'local') left.push(...(await unfinished(store)))
        const isNew = latest === whole && noted?.rundate === day
        const checks = {
          outcome: outcome === reason || (outcome === 'done' && isNew),
          dated: dated === whole || (dated === undefined && (index === 4 || !isNew)),
          latest: isNew || latest === current,
          noted: latest === undefined || noted?.sha256 === digestOf(latest).sha256,
          left: left.length === 0,
        }
        if (Object.values(checks).includes(false)) wrong.push({ day, index, outcome, left, checks })
        current = latest
      }
      expect(wrong).toEqual([])
      expect(ended).toBeGreaterThan(0)
    },
  )
})

type Writer = (day: string, options: WriteDatasetOptions) => Promise<unknown>

const text = 'n\n1\n'.repeat(50_000)
const table = Array.from({ length: 20_000 }, (_, n) => ({ n }))
const numbers = `n\n${table.map(({ n }) => `${n}\n`).join('')}`

function streamOf(day: string): ReadableStream<Uint8Array> {
  return new Blob([day, '\n', text]).stream()
}

function latestOnly(rundate: string): Dataset {
  const rundateType = 'latest'
  return createDataset({
    name: 'flights',
    format: 'csv',
    rundate,
    rundateType,
    today: '2030-01-01',
  })
}

/** Writes, and aborts after so many milliseconds. Gives `done` or the error. */
async function aborted(
  write: Writer | undefined,
  day: string,
  reason: Error,
  afterMs: number,
): Promise<unknown> {
  const controller = new AbortController()
  const until = performance.now() + afterMs
  const work = write?.(day, { signal: controller.signal }).then(
    () => 'done',
    (error: unknown) => error,
  )
  let outcome: unknown
  while (performance.now() < until && outcome === undefined) {
    outcome = await Promise.race([work, turnOfLoop()])
  }
  controller.abort(reason)
  return await work
}

async function turnOfLoop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Temporary files and locks of a local store. */
async function unfinished(store: Store): Promise<string[]> {
  const names = await readdir(fileURLToPath(store.url), { recursive: true })
  return names.filter((name) => /tmp$|lock/.test(name))
}

describe('rows that are refused', () => {
  it('are on the store before the data is: a crash in between loses none', async () => {
    const memory = createMemoryStore()
    const crash = new Error('crash')
    const dataset = flights()
    const store: Store = {
      ...memory,
      async put(key, body, options) {
        if (key !== dataset.path) return await memory.put(key, body, options)
        // Takes every byte, and is gone before the object is there.
        await new Response(body as ReadableStream).arrayBuffer()
        throw crash
      },
    }
    const rows = [{ n: 1 }, 'none', { n: 2 }] as { n: number }[]
    const call = writeRows(store, dataset, rows, { codec: csv(), onInvalid: 'quarantine' })
    await expect(call).rejects.toBe(crash)
    const contents = await contentsOf(memory)
    expect(Object.keys(contents)).toEqual([
      'rejects/extracts/csv/dataset=flights/rundate=2023-07-24/write.ndjson',
    ])
    expect(Object.values(contents)[0]).toContain('"row":2')
  })

  it.each(['both', 'latest only'])(
    'past the threshold in the last row write nothing to %s',
    async (paths) => {
      const store = createLocalStore({ basepath: await makeFolder() })
      const dataset = paths === 'both' ? flights() : latestOnly(today)
      const rows = [{ n: 1 }, 'none', { n: 2 }, 'none'] as { n: number }[]
      const options = { codec: csv(), onInvalid: 'quarantine', maxInvalidRows: 1 } as const
      await expect(writeRows(store, dataset, rows, options)).rejects.toSatisfy((error) =>
        isDatasetError(error, 'INVALID_ROW'),
      )
      expect(await contentsOf(store)).toEqual({})
    },
  )
})

const isLink = (error: unknown): boolean =>
  isDatasetError(error, 'UNSUPPORTED') && error.message.includes('a symbolic link leads')

describe('a symbolic link from one partition into another', () => {
  const day = '2023-07-23'

  async function linked(make: (latest: string, dated: string) => Promise<void>): Promise<{
    store: Store
    check: () => Promise<void>
  }> {
    const basepath = await makeFolder()
    const store = createLocalStore({ basepath })
    await writeDataset(
      store,
      createDataset({
        name: 'flights',
        format: 'csv',
        rundate: day,
        rundateType: 'specific',
        today,
      }),
      'old',
    )
    const folder = join(basepath, 'extracts/csv/latest/dataset=flights')
    await mkdir(join(folder, '..'), { recursive: true })
    await make(folder, join(basepath, `extracts/csv/dataset=flights/rundate=${day}`))
    return {
      store,
      check: async () =>
        expect(await readFile(join(basepath, flights(day).path), 'utf8')).toBe('old'),
    }
  }

  it.each([
    { what: 'folder', make: (latest: string, dated: string) => symlink(dated, latest) },
    {
      what: 'file',
      async make(latest: string, dated: string) {
        await mkdir(latest)
        await symlink(join(dated, 'data.csv'), join(latest, 'data.csv'))
      },
    },
  ])('is no way for latest to overwrite a day ($what)', async ({ make }) => {
    const { store, check } = await linked(make)
    await expect(writeDataset(store, flights(), 'new')).rejects.toSatisfy(isLink)
    const unguarded = writeDataset(store, flights(), 'new', { latest: 'unguarded' })
    await expect(unguarded).rejects.toSatisfy(isLink)
    await check()
    expect(await store.head(flights().path)).toBeUndefined()
  })

  it('is no way for one day to overwrite or delete another', async () => {
    const { store, check } = await linked(async (_, dated) => {
      await symlink(dated, `${dated}/../rundate=2023-07-22`)
    })
    const other = createDataset({ name: 'flights', format: 'csv', rundate: '2023-07-22', today })
    await expect(writeDataset(store, other, 'new')).rejects.toSatisfy(isLink)
    await expect(deletePartition(store, other)).rejects.toSatisfy(isLink)
    const retention = deleteOldPartitions(store, other, { keep: 1, dryRun: false })
    await expect(retention).rejects.toSatisfy(isLink)
    await check()
  })

  it('is followed anywhere else', async () => {
    const basepath = await makeFolder()
    await mkdir(join(basepath, 'elsewhere/day'), { recursive: true })
    await mkdir(join(basepath, 'extracts/csv'), { recursive: true })
    await symlink(join(basepath, 'elsewhere'), join(basepath, 'extracts/csv/dataset=flights'))
    await symlink(join(basepath, 'elsewhere/day'), join(basepath, `elsewhere/rundate=${day}`))
    const store = createLocalStore({ basepath })
    await writeDataset(store, flights(), 'new')
    expect(await readFile(join(basepath, `elsewhere/rundate=${today}/data.csv`), 'utf8')).toBe(
      'new',
    )
  })
})

it('a file where a folder should be is an error that names it', async () => {
  const basepath = await makeFolder()
  const store = createLocalStore({ basepath })
  await mkdir(join(basepath, 'extracts'))
  await writeFile(join(basepath, 'extracts/csv'), 'in the way')
  for (const dataset of [flights(), flights('2023-07-23', today)]) {
    const call = writeDataset(store, dataset, 'new')
    await expect(call).rejects.toSatisfy((error) => isStoreError(error, 'NOT_A_FILE'))
    await expect(call).rejects.toThrow(dataset.writePaths[0])
  }
  expect(await readFile(join(basepath, 'extracts/csv'), 'utf8')).toBe('in the way')
})
