import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { type ParquetReadOptions, parquetMetadata, parquetRead } from 'hyparquet'
import { expect, it } from 'vitest'
import { type Row, createDataset, readRows, writeDataset, writeRows } from '../src/index.ts'
import { parquet } from '../src/parquet.ts'
import { readGroup, rowMaker, topNames } from '../src/parquet-rows.ts'
import { runPython } from './python.ts'
import { collect, makeFolder } from './stores.ts'

const dataset = createDataset({ name: 'wide', format: 'parquet', rundate: '2013-01-01' })

it('10,000 columns are written and read', { timeout: 120_000 }, async () => {
  const store = createMemoryStore()
  const rows = Array.from({ length: 20 }, (_, row) =>
    Object.fromEntries(
      Array.from({ length: 10_000 }, (__, at) => [`c${at}`, at % 2 ? row * at : `${at}.${row}`]),
    ),
  )
  await writeRows(store, dataset, rows, { codec: parquet({ rowGroupSize: 8 }) })
  // A deep comparison takes longer than the reading.
  const found = await collect(readRows(store, dataset, { codec: parquet() }))
  expect(found.map((row) => JSON.stringify(row))).toEqual(rows.map((row) => JSON.stringify(row)))
})

it('hyparquet is never given more columns than it looks up fast, nested ones in their places', async () => {
  const file = join(await makeFolder(), 'wide.parquet')
  await runPython('wide_parquet.py', file, '1030')
  const bytes = await readFile(file)
  const expected = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Row[]

  const store = createMemoryStore()
  await writeDataset(store, dataset, bytes)
  const rows = await collect(readRows(store, dataset, { codec: parquet() }))
  const text = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  )
  expect(JSON.parse(text)).toEqual(expected)

  const widths: number[] = []
  const reader = {
    async parquetRead(options: ParquetReadOptions) {
      widths.push(options.metadata?.schema[0]?.num_children ?? 0)
      await parquetRead(options)
    },
  }
  const metadata = parquetMetadata(Uint8Array.from(bytes).buffer)
  // As some writers have it: no list around every column, but what the root is called.
  Object.assign(metadata.schema[0] ?? {}, { repetition_type: 'REPEATED' })
  const names = topNames(metadata)
  const whole = Uint8Array.from(bytes).buffer
  const slice = async (from: number, to?: number) => whole.slice(from, to)
  const wanted = {
    file: { byteLength: whole.byteLength, slice },
    metadata,
    group: 1,
    from: 1,
    to: 2,
    compressors: {},
    parsers: {},
  }
  const [row] = await readGroup(reader, wanted, names, rowMaker(names))
  expect(widths).toEqual([256, 256, 256, 256, 6])
  expect(Object.keys(row ?? {})).toEqual(names)
  expect(row).toEqual(rows[3])
})
