import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'
import * as arrow from 'apache-arrow'
import { beforeAll, expect, it } from 'vitest'
import { arrowColumns, arrowRows, toArrowTable } from '../src/arrow.ts'
import { csv } from '../src/csv.ts'
import { createDataset, readRows, writeRows } from '../src/index.ts'
import { parquet } from '../src/parquet.ts'
import { runPython } from './python.ts'
import { collect, makeFolder } from './stores.ts'

let folder = ''

beforeAll(async () => {
  folder = await makeFolder()
  await runPython('arrow_types.py', 'write', folder)
}, 60_000)

async function tableOf(name: string): Promise<arrow.Table> {
  return arrow.tableFromIPC(await readFile(join(folder, `${name}.arrow`)))
}

const instants = ['1970-01-01T00:00:00.000000+00:00', '2013-01-31T04:00:00.120000+00:00', null]
const days = ['1970-01-01', '2013-01-31', null]
const read = {
  seconds: [instants[0], '2013-01-31T04:00:00.000000+00:00', null],
  years: ['9999-12-31T23:59:59.000000+00:00', '0001-01-01T00:00:00.000000+00:00', null],
  millis: instants,
  // Finer digits are cut.
  micros: instants,
  nanos: instants,
  zone: instants,
  naive: instants,
  date32: days,
  date64: days,
  words: ['a', 'b', null],
  large_words: ['a', 'b', null],
  large: ['', 'ü', null],
  nothing: [null, null, null],
  int64: ['9223372036854775807', '-9223372036854775808', null],
}

it('Python reads what an Arrow table of pyarrow became, whatever its units', async () => {
  const store = createLocalStore({ basepath: folder })
  const table = await tableOf('kept')
  const columns = arrowColumns(table)
  const dataset = createDataset({ name: 'kept', format: 'parquet', today: '2023-07-24' })
  await writeRows(store, dataset, arrowRows(table), { codec: parquet({ columns }) })
  const found = JSON.parse(
    await runPython('arrow_types.py', 'read', store.locate(dataset.path)),
  ) as Record<string, unknown[]>
  const values = Object.entries(found).map(([name, [, ...column]]) => [name, column])
  expect(Object.fromEntries(values)).toEqual(read)
  expect(found).toMatchObject({
    nanos: ['timestamp[ms, tz=UTC]', ...instants],
    date64: ['date32[day]', ...days],
    words: ['string', 'a', 'b', null],
    nothing: ['string', null, null, null],
  })

  const rows = [...arrowRows(table)].flat()
  const text = createDataset({ name: 'kept', format: 'csv', today: '2023-07-24' })
  await writeRows(store, text, rows, { codec: csv({ columns }) })
  expect(await collect(readRows(store, text, { codec: csv({ columns }) }))).toEqual(rows)

  const again = await toArrowTable(arrow, readRows(store, dataset, { codec: parquet() }), columns)
  expect([...arrowRows(again)].flat()).toEqual(rows)
})

it.each(['decimal', 'list', 'struct', 'time', 'duration', 'binary', 'numbers'])(
  'refuses a column of %s by its name and type',
  async (name) => {
    const table = await tableOf(`refused-${name}`)
    const type = String(table.schema.fields[0]?.type)
    const says = `The Arrow column "${name}" has the type ${type}, which no column`
    expect(() => arrowColumns(table)).toThrow(says)
    expect(() => [...arrowRows(table)]).toThrow(says)
  },
)
