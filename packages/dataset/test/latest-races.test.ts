import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { expect, it } from 'vitest'
import { writeDataset } from '../src/index.ts'
import { replaceConditionally } from '../src/latest-conditional.ts'
import { readLatest } from '../src/latest-guard.ts'
import { memoryContent } from '../src/latest-source.ts'
import { digestOf } from '../src/digest.ts'
import { contentOf, datasetOf, dayAt, dayOf } from './latest-days.ts'
import { makeFolder, textOf } from './stores.ts'

const writers = 8
const updates = 50
const timeout = 300_000

async function runWriter(
  ...args: (string | number)[]
): Promise<{ output: string; code: number | null; signal: string | null }> {
  const script = join(import.meta.dirname, 'latest-writer.ts')
  const child = spawn(process.execPath, ['-C', '@prefect-ts/source', script, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { output, code, signal }
}

/** Reads latest until told to stop; fails when it is torn or goes back. Gives the days seen. */
async function watch(store: Store, done: AbortSignal): Promise<string[]> {
  const seen: string[] = []
  while (!done.aborted) {
    const text = await textOf(store, datasetOf(dayOf(0)).latestPath)
    if (text !== undefined) {
      const day = text.slice(0, 10)
      if (text !== contentOf(day)) throw new Error(`latest is torn: ${text.length} characters`)
      const last = seen.at(-1)
      if (last !== undefined && day < last)
        throw new Error(`latest went back to ${day} from ${last}`)
      if (day !== last) seen.push(day)
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return seen
}

/** Every dated file whole, latest at the newest day, and every report consistent with that. */
async function checkAll(store: Store, outcomes: [string, string][]): Promise<void> {
  expect(outcomes).toHaveLength(writers * updates)
  const newest = dayOf(writers * updates - 1)
  for (const [day] of outcomes) {
    expect((await textOf(store, datasetOf(day).path)) === contentOf(day)).toBe(true)
  }
  expect((await textOf(store, datasetOf(newest).latestPath)) === contentOf(newest)).toBe(true)
  const state = await readLatest(store, datasetOf(newest), undefined)
  expect(state).toMatchObject({ rundate: newest, sha256: digestOf(contentOf(newest)).sha256 })
  const reports = new Map(outcomes)
  expect(reports.get(newest)).toBe('written')
  expect(new Set(reports.values())).toEqual(new Set(['written', 'kept-newer']))
}

it(`${writers} writers in one process, ${updates} days each`, { timeout }, async () => {
  const store = createMemoryStore()
  const done = new AbortController()
  const watching = watch(store, done.signal)
  const outcomes: [string, string][] = []
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let update = 0; update < updates; update++) {
        const day = dayAt(update, writer, writers)
        // A stream, so that latest is read back from the dated object: more steps for others to come between.
        const body = new Blob([contentOf(day)]).stream()
        outcomes.push([day, (await writeDataset(store, datasetOf(day), body)).latest])
        // Node 22 would run all writers to their end before the watcher's timer.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  done.abort()
  expect((await watching).length).toBeGreaterThan(1)
  await checkAll(store, outcomes)
})

it(`${writers} processes on local disk, ${updates} days each`, { timeout }, async () => {
  const folder = await makeFolder()
  const store = createLocalStore({ basepath: folder })
  const done = new AbortController()
  const watching = watch(store, done.signal)
  const ended = await Promise.all(
    Array.from({ length: writers }, (_, writer) => runWriter(folder, writer, writers, updates)),
  )
  done.abort()
  expect((await watching).length).toBeGreaterThan(1)
  const outcomes = ended.flatMap(({ output }) => JSON.parse(output) as [string, string][])
  await checkAll(store, outcomes)
  const left = await readdir(dirname(store.locate(datasetOf(dayOf(0)).latestPath)))
  expect(left.toSorted()).toEqual(['_latest.json', 'data.csv'])
})

it('compare and swap loses no increment', { timeout }, async () => {
  const store = createMemoryStore()
  const dataset = datasetOf(dayOf(0))
  const options = { signal: undefined, metadata: {}, contentType: undefined, force: false }
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let update = 0; update < 50; update++) {
        await replaceConditionally(
          store,
          dataset,
          async () => {
            const next = String(Number((await textOf(store, dataset.latestPath)) ?? 0) + 1)
            return memoryContent(next, digestOf(next), undefined)
          },
          options,
        )
      }
    }),
  )
  expect(await textOf(store, dataset.latestPath)).toBe(String(writers * 50))
})

it(
  'the lock lets one process in at a time, also past holders that were killed',
  { timeout },
  async () => {
    const folder = await makeFolder()
    writeFileSync(join(folder, 'counter'), '0')
    const ended = await Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        runWriter(folder, writer, writers, 50, 'lock'),
      ),
    )
    expect(ended.filter(({ signal }) => signal === 'SIGKILL')).toHaveLength(writers / 2)
    expect(ended.filter(({ code }) => code === 0)).toHaveLength(writers / 2)
    expect(readFileSync(join(folder, 'counter'), 'utf8')).toBe(String(writers * 50))
  },
)

it('a writer killed at any step leaves the old latest or the new one', { timeout }, async () => {
  const folder = await makeFolder()
  const store = createLocalStore({ basepath: folder })
  const reached: string[] = []
  let day = 0
  await writeDataset(store, datasetOf(dayOf(day)), contentOf(dayOf(day)))
  for (let step = 1; ; step++) {
    const old = dayOf(day)
    const next = dayOf(day + 1)
    const { signal, output } = await runWriter(folder, day + 1, 1, 1, `die:${step}`)
    const latest = await textOf(store, datasetOf(next).latestPath)
    const dated = await textOf(store, datasetOf(next).path)
    expect([contentOf(old), contentOf(next)]).toContain(latest)
    const isNew = latest === contentOf(next)
    // Latest is never ahead of its partition, which is whole or absent.
    expect([isNew ? contentOf(next) : undefined, contentOf(next)]).toContain(dated)
    const state = await readLatest(store, datasetOf(next), undefined)
    expect(state?.rundate).toBe(isNew ? next : old)
    reached.push(`${dated === undefined ? 'none' : 'dated'} ${isNew ? 'new' : 'old'}`)
    if (signal === null && output.includes('survived')) break
    expect(signal).toBe('SIGKILL')
    // The next writer goes on whatever the dead one left: here one of the same day, or one of the day after.
    day += 1
    const result = await writeDataset(store, datasetOf(dayOf(day)), contentOf(dayOf(day)))
    expect(result.latest).toBe('written')
  }
  expect(new Set(reached)).toEqual(new Set(['none old', 'dated old', 'dated new']))
  expect(reached.length).toBeGreaterThan(20)
})
