import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryStore } from '@prefect-ts/store/memory'
import {
  type CreateDatasetOptions,
  type Dataset,
  createDataset,
  isDatasetError,
  readDataset,
  writeDataset,
} from '../src/index.ts'
import { stores } from './stores.ts'

const today = '2023-07-24'

function flights(options: Partial<CreateDatasetOptions> = {}): Dataset {
  return createDataset({ name: 'flights', format: 'csv', today, ...options })
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe.each(stores)('readDataset on $kind', ({ open }) => {
  it('reads the path of the table', async () => {
    const store = await open()
    for (const [path, content] of [
      [flights().latestPath, 'latest'],
      [flights().path, 'today'],
      [flights({ rundate: '2013-01-01' }).path, '2013'],
    ] as const) {
      await store.put(path, content)
    }
    const read = async (options: Partial<CreateDatasetOptions>): Promise<string> =>
      new Response((await readDataset(store, flights(options))).body).text()
    expect(await read({})).toBe('latest')
    expect(await read({ rundateType: 'specific' })).toBe('today')
    expect(await read({ rundate: '2013-01-01' })).toBe('2013')
    expect(await read({ rundate: '2013-01-01', rundateType: 'latest' })).toBe('latest')
  })

  it('says what is missing and names the newest rundate there is', async () => {
    const store = await open()
    const nothing = await failureOf(readDataset(store, flights()))
    expect(nothing).toSatisfy((error) => isDatasetError(error, 'NOT_FOUND'))
    expect(String(nothing)).toContain(`"flights" was not found at "${flights().latestPath}"`)
    expect(String(nothing)).toContain(store.url)
    expect(String(nothing)).toContain('No dated partition')

    for (const rundate of ['2013-01-09', '2013-01-10', '2013-01-02']) {
      await writeDataset(store, flights({ rundate }), 'x')
    }
    await writeDataset(store, flights({ rundate: '2013-02-01', partitions: { k: 'v' } }), 'x')
    await store.put('extracts/csv/dataset=flights/rundate=soon/data.csv', 'x')
    const missing = await failureOf(readDataset(store, flights({ rundate: '2013-01-03' })))
    expect(String(missing)).toContain('The newest rundate there is 2013-01-10.')
  })

  it('ends with the signal’s reason', async () => {
    const store = await open()
    const reason = new Error('cancelled')
    const signal = AbortSignal.abort(reason)
    expect(await failureOf(readDataset(store, flights(), { signal }))).toBe(reason)
  })
})

describe('readDataset', () => {
  it('still says NOT_FOUND when the store cannot list', async () => {
    const store = {
      ...createMemoryStore(),
      // oxlint-disable-next-line require-yield
      async *list(): AsyncGenerator<never> {
        throw new Error('listing is not allowed')
      },
    }
    const error = await failureOf(readDataset(store, flights()))
    expect(isDatasetError(error, 'NOT_FOUND')).toBe(true)
    expect(String(error)).not.toContain('listing')
    expect(String(error)).not.toContain('dated partition')
  })
})

describe('diagnostics channels', () => {
  it('announce reads and writes that succeeded', async () => {
    const events: unknown[] = []
    const listen = (event: unknown, name: string | symbol): void => void events.push([name, event])
    for (const name of ['prefect-ts:dataset.read', 'prefect-ts:dataset.write']) {
      subscribe(name, listen)
      onTestFinished(() => void unsubscribe(name, listen))
    }
    const store = createMemoryStore()
    const dataset = flights()
    await failureOf(readDataset(store, dataset))
    await failureOf(writeDataset(store, dataset, 'x', { signal: AbortSignal.abort() }))
    expect(events).toEqual([])

    const result = await writeDataset(store, dataset, 'abc', { rows: 1 })
    const found = await readDataset(store, dataset)
    await found.body.cancel()
    const place = { dataset, store: store.url }
    expect(events).toEqual([
      ['prefect-ts:dataset.write', { ...place, ...result }],
      [
        'prefect-ts:dataset.read',
        {
          ...place,
          path: dataset.latestPath,
          uri: store.locate(dataset.latestPath),
          bytes: 3,
          etag: found.etag,
        },
      ],
    ])
  })
})
