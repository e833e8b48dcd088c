import type { Store } from '@prefect-ts/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../src/digest.ts'
import { createDataset, describeDataset, writeDataset, writeRows, readRows } from '../src/index.ts'
import { replaceConditionally } from '../src/latest-conditional.ts'
import { readLatest } from '../src/latest-guard.ts'
import { memoryContent } from '../src/latest-source.ts'
import { parquet } from '../src/parquet.ts'
import { type Cloud, clouds } from './clouds.ts'
import { contentOf, datasetOf, dayAt, dayOf } from './latest-days.ts'
import { collect, textOf } from './stores.ts'

const writers = 8
const updates = process.env['PREFECT_TS_TRIALS'] === 'full' ? 50 : 4
const timeout = 600_000

describe.each(Object.entries(clouds))('latest on %s', (_, start) => {
  let cloud: Cloud
  beforeAll(async () => {
    cloud = await start()
  }, timeout)
  afterAll(() => cloud.stop())

  async function openAll(count: number): Promise<Store[]> {
    const first = await cloud.open()
    const stores = [first.store]
    // Clients of their own, as processes would have.
    while (stores.length < count) stores.push((await cloud.open(first.bucket)).store)
    return stores
  }

  it(`${writers} writers, ${updates} days each: none lost, never back`, { timeout }, async () => {
    const stores = await openAll(writers)
    const [reader] = stores as [Store]
    const done = new AbortController()
    const watching = (async () => {
      const seen: string[] = []
      while (!done.signal.aborted) {
        const text = await textOf(reader, datasetOf(dayOf(0)).latestPath)
        const day = text?.slice(0, 10) ?? ''
        if (text !== undefined && text !== contentOf(day)) throw new Error('latest is torn')
        if (day < (seen.at(-1) ?? '')) throw new Error(`latest went back to ${day}`)
        if (text !== undefined && day !== seen.at(-1)) seen.push(day)
      }
      return seen
    })()
    const outcomes: [string, string][] = []
    await Promise.all(
      stores.map(async (store, writer) => {
        for (let update = 0; update < updates; update++) {
          const day = dayAt(update, writer, writers)
          const body = new Blob([contentOf(day)]).stream()
          outcomes.push([day, (await writeDataset(store, datasetOf(day), body)).latest])
        }
      }),
    ).finally(() => done.abort())
    expect((await watching).length).toBeGreaterThan(1)
    expect(outcomes).toHaveLength(writers * updates)
    for (const [day] of outcomes) {
      expect((await textOf(reader, datasetOf(day).path)) === contentOf(day)).toBe(true)
    }
    const newest = dayOf(writers * updates - 1)
    expect(new Map(outcomes).get(newest)).toBe('written')
    expect((await textOf(reader, datasetOf(newest).latestPath)) === contentOf(newest)).toBe(true)
    const state = await readLatest(reader, datasetOf(newest), undefined)
    expect(state).toMatchObject({ rundate: newest, sha256: digestOf(contentOf(newest)).sha256 })
  })

  it('compare and swap loses no increment', { timeout }, async () => {
    const stores = await openAll(writers)
    const dataset = datasetOf(dayOf(0))
    const options = { signal: undefined, metadata: {}, contentType: undefined, force: false }
    await Promise.all(
      stores.map(async (store, writer) => {
        for (let update = 0; update < updates; update++) {
          await replaceConditionally(
            store,
            dataset,
            async () => {
              const count = Number.parseInt((await textOf(store, dataset.latestPath)) ?? '0', 10)
              // Of its own: a store that lost a reply takes an object with the very same content for its own write.
              const next = `${count + 1} by writer ${writer} at ${update}`
              return memoryContent(next, digestOf(next), undefined)
            },
            options,
          )
        }
      }),
    )
    const [reader] = stores as [Store]
    const last = await textOf(reader, dataset.latestPath)
    expect(Number.parseInt(last ?? '0', 10)).toBe(writers * updates)
  })

  it('rows go in and out, and latest tells its day', async () => {
    const { store } = await cloud.open()
    const today = '2013-01-02'
    const dataset = createDataset({ name: 'r', format: 'parquet', today })
    const rows = Array.from({ length: 1000 }, (_value, a) => ({ a, b: `x${a}` }))
    await writeRows(store, dataset, rows, { codec: parquet() })
    expect(await collect(readRows(store, dataset, { codec: parquet() }))).toEqual(rows)
    const { latest, uri } = await describeDataset(store, dataset)
    expect(latest).toMatchObject({ rundate: today, rows: 1000 })
    expect(uri).toBe(store.locate(dataset.latestPath))
    const older = createDataset({
      name: 'r',
      format: 'parquet',
      today,
      rundate: '2013-01-01',
      rundateType: 'latest',
    })
    await expect(writeRows(store, older, rows, { codec: parquet() })).rejects.toThrow(
      /stands at 2013-01-02/,
    )
  })
})
