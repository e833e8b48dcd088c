import { createMemoryStore } from '@prefect-ts/store/memory'
import { describe, expect, it } from 'vitest'
import {
  type CreateDatasetOptions,
  type Dataset,
  createDataset,
  datasetExists,
  deleteOldPartitions,
  deletePartition,
  describeDataset,
  isDatasetError,
  listDatasets,
  listPartitions,
  missingRundates,
  newestPartition,
  partitionDataset,
  readDataset,
  writeDataset,
} from '../src/index.ts'
import { collect, contentsOf, stores } from './stores.ts'

const today = '2013-02-01'

function flights(options: Partial<CreateDatasetOptions> = {}): Dataset {
  return createDataset({ name: 'flights', format: 'csv', today, ...options })
}

const days = ['2012-12-31', '2013-01-01', '2013-01-02', '2013-01-04', '2013-02-01']

describe.each(stores)('find on $kind', ({ open }) => {
  it('lists the partitions of one dataset, in order, and a range of them', async () => {
    const store = await open()
    for (const rundate of days) await writeDataset(store, flights({ rundate }), rundate)
    // Neighbours and what is none.
    await writeDataset(store, flights({ name: 'flights2' }), 'x')
    await writeDataset(store, flights({ compression: 'gzip' }), 'x')
    await writeDataset(store, flights({ partitions: { k: 1 } }), 'x')
    await store.put('extracts/csv/dataset=flights/rundate=2013-01-99/data.csv', 'x')
    await store.put('extracts/csv/dataset=flights/rundate=2013-01-03x/data.csv', 'x')
    await store.put('extracts/csv/dataset=flights/rundate=2013-01-03/other.csv', 'x')

    const all = await collect(listPartitions(store, flights()))
    expect(all.map(({ rundate }) => rundate)).toEqual(days)
    const first = await store.head(flights({ rundate: '2012-12-31' }).path)
    expect(all[0]).toEqual({
      rundate: '2012-12-31',
      partitions: {},
      path: flights({ rundate: '2012-12-31' }).path,
      bytes: 10,
      etag: first?.etag,
      lastModified: first?.lastModified,
    })
    const range = async (from?: string, to?: string): Promise<string[]> =>
      (await collect(listPartitions(store, flights(), { from, to }))).map((one) => one.rundate)
    expect(await range('2013-01-01', '2013-01-31')).toEqual(days.slice(1, 4))
    expect(await range('2013-01-02')).toEqual(days.slice(2))
    expect(await range(undefined, '2012-12-31')).toEqual(days.slice(0, 1))
    expect(await range('2013-01-04', '2013-01-04')).toEqual(['2013-01-04'])
    expect(await range('2013-01-04', '2013-01-02')).toEqual([])
    await expect(range('2013-1-4')).rejects.toThrow(/from must be a day/)

    expect((await newestPartition(store, flights()))?.rundate).toBe('2013-02-01')
    expect((await newestPartition(store, flights(), { to: '2013-01-31' }))?.rundate).toBe(
      '2013-01-04',
    )
    expect(await newestPartition(store, flights({ name: 'none' }))).toBeUndefined()
    expect(
      await missingRundates(store, flights(), { from: '2012-12-30', to: '2013-01-05' }),
    ).toEqual(['2012-12-30', '2013-01-03', '2013-01-05'])
  })

  it('gives typed values of the further keys, and the handle of each partition', async () => {
    const store = await open()
    const partitionTypes = { s: 'string', i: 'integer', d: 'date', t: 'timestamp' } as const
    const values = [
      { s: 'a/b=c %', i: 7, d: '2013-01-31', t: '2013-01-31T06:00:00.5Z' },
      { s: '01', i: '9223372036854775807', d: null, t: null },
    ]
    const datasets = values.map((partitions) => flights({ partitions, partitionTypes }))
    for (const dataset of datasets) await writeDataset(store, dataset, 'x')
    const [like = flights()] = datasets
    const found = await collect(listPartitions(store, like))
    const expected = [{ ...values[1], i: 2n ** 63n - 1n }, values[0]]
    expect(found.map(({ partitions }) => partitions)).toEqual(expected)
    expect(found.map((one) => partitionDataset(like, one).path).toSorted()).toEqual(
      datasets.map(({ path }) => path).toSorted(),
    )
    expect((await newestPartition(store, like))?.path).toBe(like.path)
  })

  it('lists datasets, says whether one exists and describes it', async () => {
    const store = await open()
    for (const rundate of days) await writeDataset(store, flights({ rundate }), rundate)
    await writeDataset(
      store,
      flights({ name: 'only_latest', rundate: '2013-01-01', rundateType: 'latest' }),
      'x',
    )
    await writeDataset(
      store,
      flights({ type: 'reports', format: 'parquet', partitions: { k: 'v' } }),
      'x',
    )
    await store.put('extracts/csv/readme.txt', 'x')
    expect(await listDatasets(store)).toEqual([
      {
        name: 'flights',
        type: 'extracts',
        format: 'csv',
        partitions: 5,
        bytes: 50,
        oldest: '2012-12-31',
        newest: '2013-02-01',
        hasLatest: true,
      },
      {
        name: 'only_latest',
        type: 'extracts',
        format: 'csv',
        partitions: 0,
        bytes: 0,
        oldest: undefined,
        newest: undefined,
        hasLatest: true,
      },
      {
        name: 'flights',
        type: 'reports',
        format: 'parquet',
        partitions: 1,
        bytes: 1,
        oldest: today,
        newest: today,
        hasLatest: true,
      },
    ])
    expect(await listDatasets(store, { type: 'images' })).toEqual([])

    expect(await datasetExists(store, flights())).toBe(true)
    expect(await datasetExists(store, flights({ rundate: '2013-01-03' }))).toBe(false)
    await writeDataset(store, flights(), 'new', { rows: 3 })
    const description = await describeDataset(store, flights())
    expect(description).toMatchObject({
      path: flights().latestPath,
      uri: store.locate(flights().latestPath),
      size: 3,
      latest: { rundate: today, rows: 3 },
    })
    const absent = describeDataset(store, flights({ rundate: '2013-01-03' }))
    await expect(absent).rejects.toSatisfy((error) => isDatasetError(error, 'NOT_FOUND'))
    await expect(absent).rejects.toThrow(/The newest rundate there is 2013-02-01/)
  })

  it('names the nearest datasets of one that is not there', async () => {
    const store = await open()
    for (const name of ['flights', 'flights_2013', 'airports', 'planes']) {
      await writeDataset(store, flights({ name }), 'x')
    }
    await expect(readDataset(store, flights({ name: 'flihgts' }))).rejects.toThrow(
      /there is "flights"\.$/,
    )
    await expect(readDataset(store, flights({ name: 'flight' }))).rejects.toThrow(
      /there are "flights", "flights_2013"\.$/,
    )
    await expect(readDataset(store, flights({ format: 'parquet' }))).rejects.toThrow(
      /"flights" with another format or partition, "flights_2013"/,
    )
    await expect(readDataset(store, flights({ name: 'zzz' }))).rejects.toThrow(
      /was it written, to this store/,
    )
  })

  it('deletes one partition, or the old ones after a dry run', async () => {
    const store = await open()
    for (const rundate of days) await writeDataset(store, flights({ rundate }), rundate)
    await writeDataset(store, flights({ name: 'flights2', rundate: '2012-12-31' }), 'x')
    const rejects = 'rejects/extracts/csv/dataset=flights/rundate=2013-01-04/write.ndjson'
    await store.put(rejects, 'x')
    await deletePartition(store, flights({ rundate: '2013-01-04' }))
    await deletePartition(store, flights({ rundate: '2013-01-04' }))
    expect(await store.head(rejects)).toBeUndefined()

    const before = await contentsOf(store)
    expect(Object.keys(before)).not.toContain(flights({ rundate: '2013-01-04' }).path)
    const dry = await deleteOldPartitions(store, flights(), { keep: 2 })
    expect(dry).toMatchObject({ bytes: 20, kept: 2, dryRun: true })
    expect(dry.deleted.map(({ rundate }) => rundate)).toEqual(['2012-12-31', '2013-01-01'])
    expect(await contentsOf(store)).toEqual(before)

    const { deleted } = await deleteOldPartitions(store, flights(), { keep: 2, dryRun: false })
    expect(deleted).toEqual(dry.deleted)
    const gone = new Set(deleted.map(({ path }) => path))
    const rest = Object.entries(before).filter(([key]) => !gone.has(key))
    expect(await contentsOf(store)).toEqual(Object.fromEntries(rest))

    // Latest stands at 2013-02-01.
    const last = await deleteOldPartitions(store, flights(), { keepFrom: '2020-01-01' })
    expect(last.deleted.map(({ rundate }) => rundate)).toEqual(['2013-01-02'])
    for (const wrong of [
      {},
      { keep: 0 },
      { keep: 1.5 },
      { keepFrom: 'x' },
      { keep: 1, keepFrom: '2013-01-01' },
    ]) {
      await expect(deleteOldPartitions(store, flights(), wrong)).rejects.toThrow(/say what to keep/)
    }
  })
})

describe('listPartitions', () => {
  it('lists no more than the range needs', async () => {
    const memory = createMemoryStore()
    const prefixes: string[] = []
    const store: typeof memory = {
      ...memory,
      list: (options) => (prefixes.push(options?.prefix ?? ''), memory.list(options)),
    }
    await collect(listPartitions(store, flights(), { from: '2013-01-05', to: '2013-01-17' }))
    expect(prefixes).toEqual(['extracts/csv/dataset=flights/rundate=2013-01-'])
  })
})
