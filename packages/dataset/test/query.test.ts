import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { describe, expect, it } from 'vitest'
import { csv } from '../src/csv.ts'
import {
  type Compression,
  type QueryEngine,
  type RowCodec,
  createDataset,
  datasetQuery,
  writeRows,
} from '../src/index.ts'
import { ndjson } from '../src/ndjson.ts'
import { parquet } from '../src/parquet.ts'
import { makeFolder } from './stores.ts'

interface Answer {
  rows: Record<string, unknown>[]
  types: Record<string, string>
}

function run(queries: { engine: QueryEngine; expression: string }[]): Answer[] {
  const python = join(import.meta.dirname, '../../../.venv/bin/python')
  const script = join(import.meta.dirname, 'queries.py')
  return JSON.parse(
    execFileSync(python, [script], { input: JSON.stringify(queries), encoding: 'utf8' }),
  ) as Answer[]
}

function order(row: Record<string, unknown>): string {
  return `${String(row['rundate'])} ${String(row['zip'])}`
}

const columns = { zip: 'string', n: 'integer', day: 'date', x: 'double', ok: 'boolean' } as const
const partitionTypes = { s: 'string', i: 'integer', d: 'date', t: 'timestamp' } as const
const hostile = `01, 'a"/b=c%20 é😀\n`
const partitions = [
  { s: hostile, i: -7, d: '2013-01-31', t: '2013-01-31T06:00:00.5Z' },
  { s: '0123', i: 2, d: null, t: '2013-02-28T23:59:59Z' },
  { s: null, i: null, d: '9999-12-31', t: null },
]
const codecs: { format: string; codec: RowCodec; compression?: Compression }[] = [
  { format: 'parquet', codec: parquet({ columns }) },
  { format: 'csv', codec: csv({ columns }) },
  { format: 'csv', codec: csv({ columns }), compression: 'gzip' },
  { format: 'ndjson', codec: ndjson({ columns }) },
]

describe('datasetQuery', () => {
  it(
    'reads every partition, and nothing else, with the types declared',
    { timeout: 120_000 },
    async () => {
      const basepath = join(await makeFolder(), "it's a folder")
      const store = createLocalStore({ basepath })
      const queries: { engine: QueryEngine; expression: string }[] = []
      for (const { format, codec, compression } of codecs) {
        const shared = { name: 'q', format, compression, today: '2013-01-03', partitionTypes }
        for (const [index, values] of partitions.entries()) {
          const rundate = `2013-01-0${index + 1}`
          const dataset = createDataset({ ...shared, rundate, partitions: values })
          const rows = [
            { zip: '01234', n: index, day: '2013-01-31', x: 0.5, ok: true },
            { zip: null, n: null, day: null, x: null, ok: null },
          ]
          await writeRows(store, dataset, rows, { codec })
        }
        const like = createDataset({ ...shared, partitions: partitions[0] ?? {} })
        for (const engine of ['duckdb', 'polars', 'pyarrow'] as const) {
          queries.push({ engine, expression: datasetQuery(like, engine, { store, columns }) })
        }
      }
      const answers = run(queries)
      const expected = partitions.flatMap((values, index) => {
        const keys = {
          dataset: 'q',
          rundate: `2013-01-0${index + 1}`,
          ...values,
          t: values.t && values.t.replace('T', ' ').replace('.5Z', '.500000').replace('Z', ''),
        }
        return [
          { zip: '01234', n: index, day: '2013-01-31', x: 0.5, ok: true, ...keys },
          { zip: null, n: null, day: null, x: null, ok: null, ...keys },
        ]
      })
      for (const [index, { rows, types }] of answers.entries()) {
        const what = queries[index]?.expression
        const isNdjsonByArrow = queries[index]?.engine !== 'duckdb' && what?.includes('"json"')
        const days = rows.map((row) =>
          isNdjsonByArrow && row['day'] === '2013-01-31 00:00:00'
            ? { ...row, day: '2013-01-31' }
            : row,
        )
        const sorted = days.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
        expect({ what, rows: sorted }).toEqual({
          what,
          rows: expected.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
        })
        const { i, rundate, d, t, s: text } = types
        expect({ what, i, rundate, d, t, text: text?.includes('string') }).toEqual({
          what,
          i: 'int64',
          rundate: 'date32[day]',
          d: 'date32[day]',
          t: 'timestamp[us]',
          text: true,
        })
      }
    },
  )

  it('keeps the text of csv columns without types in DuckDB', async () => {
    const store = createLocalStore({ basepath: await makeFolder() })
    const dataset = createDataset({ name: 'q', format: 'csv', today: '2013-01-01' })
    await writeRows(store, dataset, [{ zip: '01234', n: 1 }], { codec: csv() })
    const [answer] = run([
      { engine: 'duckdb', expression: datasetQuery(dataset, 'duckdb', { store }) },
    ])
    expect(answer?.rows).toEqual([{ zip: '01234', n: '1', dataset: 'q', rundate: '2013-01-01' }])
  })

  it('is the exact expression', () => {
    const dataset = createDataset({
      name: 'f',
      format: 'parquet',
      today: '2013-01-01',
      partitions: { k: 1 },
    })
    expect(datasetQuery(dataset, 'duckdb')).toBe(
      "select * from read_parquet('extracts/parquet/dataset=f/rundate=*/k=*/data.parquet', " +
        "hive_partitioning = true, hive_types_autocast = false, hive_types = {'dataset': VARCHAR, 'rundate': DATE, 'k': BIGINT})",
    )
  })

  it.each<[Parameters<typeof datasetQuery>, string]>([
    [[createDataset({ name: 'f', format: 'png' }), 'duckdb'], 'not "png"'],
    [[createDataset({ name: 'f', format: 'csv' }), 'pyarrow'], 'give columns'],
    [
      [createDataset({ name: 'f', format: 'parquet' }), 'duckdb', { store: createMemoryStore() }],
      'no other tool can reach memory://',
    ],
    [
      [
        createDataset({ name: 'f', format: 'parquet' }),
        'duckdb',
        { store: createLocalStore({ basepath: '/data/[x]' }) },
      ],
      'wildcards',
    ],
    [[createDataset({ name: 'f', format: 'parquet' }), 'spark' as 'duckdb'], 'engine must be'],
  ])('refuses what the tool cannot read: %#', (given, says) => {
    expect(() => datasetQuery(...given)).toThrow(says)
  })
})
