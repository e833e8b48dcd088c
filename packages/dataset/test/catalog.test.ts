import { readFileSync } from 'node:fs'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { csv } from '../src/csv.ts'
import {
  catalogFromJson,
  defineCatalog,
  isDatasetError,
  readRows,
  writeRows,
} from '../src/index.ts'
import { collect } from './stores.ts'

const Flight = z.object({ carrier: z.string(), flight: z.number().int(), day: z.iso.date() })
const catalog = defineCatalog({
  flights: {
    format: 'csv',
    compression: 'gzip',
    partitions: { origin: 'string', month: 'integer' },
    schema: Flight,
    description: 'Departures from New York',
  },
  delays: { type: 'reports', format: 'parquet', columns: { carrier: 'string', mean: 'double' } },
})
const today = '2013-01-02'

describe('defineCatalog', () => {
  it('makes datasets by name', async () => {
    expect(catalog.names).toEqual(['flights', 'delays'])
    const flights = catalog.dataset('flights', { today, partitions: { month: 1, origin: 'JFK' } })
    expect(flights.path).toBe(
      'extracts/csv/dataset=flights/rundate=2013-01-02/origin=JFK/month=1/data.csv.gz',
    )
    expect(flights.partitionTypes).toEqual({ origin: 'string', month: 'integer' })
    expect(catalog.dataset('delays', { today, rundate: '2013-01-01' }).path).toBe(
      'reports/parquet/dataset=delays/rundate=2013-01-01/data.parquet',
    )
    const store = createMemoryStore()
    const { schema } = catalog.definitions.flights
    const rows = [{ carrier: 'UA', flight: 1545, day: '2013-01-01' }]
    await writeRows(store, flights, rows, { codec: csv(), schema })
    const read: z.infer<typeof Flight>[] = await collect(
      readRows(store, flights, { codec: csv(), schema }),
    )
    expect(read).toEqual(rows)
  })

  it('types names and partitions', () => {
    const wrong = [
      // @ts-expect-error -- an unknown name
      () => catalog.dataset('flihgts'),
      // @ts-expect-error -- partitions are missing
      () => catalog.dataset('flights'),
      // @ts-expect-error -- a partition is missing
      () => catalog.dataset('flights', { partitions: { origin: 'JFK' } }),
      // @ts-expect-error -- a value of another type
      () => catalog.dataset('flights', { partitions: { origin: 7, month: 1 } }),
      // @ts-expect-error -- no partitions are declared
      () => catalog.dataset('delays', { partitions: { origin: 'JFK' } }),
    ]
    const messages = wrong.map((call) => {
      try {
        return call().path
      } catch (error) {
        return isDatasetError(error, 'INVALID_DATASET') ? error.message : String(error)
      }
    })
    expect(messages).toEqual([
      expect.stringContaining('no dataset "flihgts"; it has "flights", "delays"'),
      expect.stringContaining('needs a value for partition "origin", "month"'),
      expect.stringContaining('needs a value for partition "month"'),
      expect.stringContaining('"origin" must be'),
      expect.stringContaining('declares no partition "origin"'),
    ])
  })

  it.each<[string, () => unknown]>([
    ['name', () => defineCatalog({ 'a b': { format: 'csv' } })],
    ['format must be', () => defineCatalog({ a: { format: 'CSV' } })],
    [
      '"k" must be',
      () => defineCatalog({ a: { format: 'csv', partitions: { k: 'text' as 'string' } } }),
    ],
    [
      'already taken',
      () => defineCatalog({ a: { format: 'csv', partitions: { rundate: 'date' } } }),
    ],
    [
      'column "c" must be',
      () => defineCatalog({ a: { format: 'csv', columns: { c: 'text' as 'string' } } }),
    ],
  ])('checks declarations at once: %s', (says, declare) => {
    expect(declare).toThrow(says)
  })
})

describe('the catalogue as JSON', () => {
  it('is what protocol/catalog.md shows, and reads back', () => {
    const document: unknown = JSON.parse(JSON.stringify(catalog))
    const text = readFileSync(new URL('../../../protocol/catalog.md', import.meta.url), 'utf8')
    expect(JSON.parse(/```json\n(.*?)```/s.exec(text)?.[1] ?? '')).toEqual(document)
    const again = catalogFromJson(document)
    expect(JSON.parse(JSON.stringify(again))).toEqual(document)
    const options = { today, partitions: { origin: 'JFK', month: 1 } }
    expect(again.dataset('flights', options)).toEqual(catalog.dataset('flights', options))
  })

  it.each<[unknown, string]>([
    [[], 'no object'],
    [{ version: 2, datasets: {} }, 'version'],
    [{ version: 1 }, '"datasets" is no object'],
    [{ version: 1, datasets: { a: 7 } }, 'dataset "a" is no object'],
    [{ version: 1, datasets: { a: { format: 7 } } }, 'format must be'],
    [{ version: 1, datasets: { a: { format: 'csv', extra: 1 } } }, '"extra" that is not known'],
    [{ version: 1, datasets: { a: { format: 'csv', partitions: {} } } }, '"partitions" is no list'],
    [
      { version: 1, datasets: { a: { format: 'csv', partitions: [{ type: 'string' }] } } },
      'name of its own',
    ],
    [
      { version: 1, datasets: { a: { format: 'csv', partitions: [{ name: 'k', type: 'x' }] } } },
      '"k" must be',
    ],
    [{ version: 1, datasets: { '../a': { format: 'csv' } } }, 'Dataset name'],
  ])('refuses %j', (document, says) => {
    expect(() => catalogFromJson(document)).toThrow(says)
  })
})
