import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import * as arrow from 'apache-arrow'
import { describe, expect, it, onTestFinished } from 'vitest'
import { arrowColumns, arrowRows, toArrowTable } from '../src/arrow.ts'
import { csv } from '../src/csv.ts'
import { readDuckdb, writeDuckdb } from '../src/duckdb.ts'
import {
  type Compression,
  createDataset,
  datasetQuery,
  isDatasetError,
  readRows,
  writeRows,
} from '../src/index.ts'
import { ndjson } from '../src/ndjson.ts'
import { parquet } from '../src/parquet.ts'
import { oneOfEach as columns } from './one-of-each.ts'
import { collect, contentsOf, makeFolder, stores } from './stores.ts'

const rows = [
  {
    s: '01234, "x"\n',
    i: -7,
    d: 0.5,
    o: true,
    y: '2013-01-31',
    t: new Date('2013-01-31T04:00:00.120Z'),
  },
  { s: '', i: 0, d: -1, o: false, y: '9999-12-31', t: new Date(0) },
  { s: null, i: null, d: null, o: null, y: null, t: null },
]
const query = `select * from (values
  ('01234, "x"' || chr(10), -7::bigint, 0.5::double, true, date '2013-01-31', timestamptz '2013-01-31 04:00:00.12+00'),
  ('', 0, -1, false, date '9999-12-31', timestamptz '1970-01-01 00:00:00+00'),
  (null, null, null, null, null, null)) as given(s, i, d, o, y, t)`

async function connect(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`set timezone = 'UTC'`)
  onTestFinished(() => connection.closeSync())
  return connection
}

const formats: { format: string; compression?: Compression }[] = [
  { format: 'csv' },
  { format: 'csv', compression: 'gzip' },
  { format: 'csv', compression: 'zstd' },
  { format: 'ndjson' },
  { format: 'ndjson', compression: 'gzip' },
  { format: 'parquet' },
]

async function* some(): AsyncGenerator<object> {
  yield { a: null }
  yield { a: 'x', b: 2n }
}

describe.each(stores)('DuckDB on $kind', ({ open }) => {
  it.each(formats)(
    '$format, $compression: written by a query, read by rows and by a query',
    async ({ format, compression }) => {
      const store = await open()
      const connection = await connect()
      const dataset = createDataset({ name: 'its', format, compression, today: '2023-07-24' })
      const result = await writeDuckdb(store, dataset, { connection, query })
      expect(result).toMatchObject({ rows: 3, latest: 'written' })
      const codec = {
        csv: csv({ columns }),
        ndjson: ndjson({ columns }),
        parquet: parquet({ columns }),
      }[format]
      const read = await collect(readRows(store, dataset, { codec: codec ?? csv() }))
      expect(read).toEqual(rows)

      const given = format === 'parquet' ? {} : { columns }
      expect(await readDuckdb(store, dataset, { connection, table: 'a "table"' }, given)).toBe(3)
      const answer = await connection.runAndReadAll(
        `select count(*) filter (s = '01234, "x"' || chr(10) and i = -7 and y = date '2013-01-31' and epoch_ms(t) = 1359604800120),
              count(*) filter (s = ''), count(*) filter (s is null and t is null) from "a ""table"""`,
      )
      expect(answer.getRows()).toEqual([[1n, 1n, 1n]])
    },
  )
})

describe('DuckDB', () => {
  it('writes nothing when the query fails, is ended or does not fit', async () => {
    const store = createMemoryStore()
    const connection = await connect()
    const dataset = createDataset({ name: 'a', format: 'parquet' })
    await expect(
      writeDuckdb(store, dataset, { connection, query: 'select nothing' }),
    ).rejects.toThrow(/nothing/)
    const controller = new AbortController()
    const reason = new Error('cancelled')
    setTimeout(() => controller.abort(reason), 100)
    const endless = 'select count(*) from range(1000000000000) a, range(1000) b'
    const { signal } = controller
    await expect(
      writeDuckdb(store, dataset, { connection, query: endless }, { signal }),
    ).rejects.toBe(reason)
    const image = createDataset({ name: 'a', format: 'png' })
    await expect(writeDuckdb(store, image, { connection, query })).rejects.toSatisfy((error) =>
      isDatasetError(error, 'UNSUPPORTED'),
    )
    expect(await contentsOf(store)).toEqual({})
    await expect(readDuckdb(store, dataset, { connection, table: 't' })).rejects.toSatisfy(
      (error) => isDatasetError(error, 'NOT_FOUND'),
    )
  })

  it('a query reads datasets by name: columns by their header, those without a type as text', async () => {
    const store = createMemoryStore()
    const connection = await connect()
    const today = '2023-07-24'
    const flights = createDataset({ name: 'flights', format: 'csv', compression: 'gzip', today })
    const carriers = createDataset({ name: 'carriers', format: 'ndjson', today })
    const delays = createDataset({ name: 'delays', format: 'parquet', today })
    const rowsOf = [
      { zip: '01234', carrier: 'UA', delay: 5 },
      { zip: '', carrier: 'AA', delay: null },
      { zip: null, carrier: 'UA', delay: 7 },
    ]
    await writeRows(store, flights, rowsOf, { codec: csv() })
    await writeRows(store, carriers, [{ carrier: 'UA', name: 'United' }], { codec: ndjson() })
    // A table of that name is hidden for as long as the call runs.
    await connection.run('create table "flights" as select 1 as own')
    const inputs = {
      flights: { dataset: flights, columns: { delay: 'integer' } },
      carriers: { dataset: carriers },
    } as const
    const all =
      'with known as (from carriers) select f.*, name from flights f left join known using (carrier) order by zip, delay'
    const result = await writeDuckdb(store, delays, { connection, query: all, inputs })
    expect(result).toMatchObject({ rows: 3 })
    const read = readRows(store, delays, { codec: parquet() })
    expect(await collect(read)).toEqual([
      { zip: '', carrier: 'AA', delay: null, name: null },
      { zip: '01234', carrier: 'UA', delay: 5n, name: 'United' },
      { zip: null, carrier: 'UA', delay: 7n, name: 'United' },
    ])
    const wrong = {
      ...inputs,
      flights: { dataset: flights, columns: { late: 'integer' } },
    } as const
    const call = writeDuckdb(store, delays, { connection, query: all, inputs: wrong })
    await expect(call).rejects.toThrow(
      'Dataset "flights": the file has no column "late"; it has "zip", "carrier", "delay".',
    )
    const failing = writeDuckdb(store, delays, { connection, query: 'select nothing', inputs })
    await expect(failing).rejects.toThrow(/nothing/)
    const endless = 'select count(*) from flights, range(1000000000000) a, range(1000) b'
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('cancelled')), 100)
    const { signal } = controller
    const ended = writeDuckdb(store, delays, { connection, query: endless, inputs }, { signal })
    await expect(ended).rejects.toThrow('cancelled')
    const left = await connection.runAndReadAll(
      `select view_name from duckdb_views() where not internal`,
    )
    expect(left.getRows()).toEqual([])
    expect((await connection.runAndReadAll('from flights')).getRows()).toEqual([[1]])
  })

  it.each([
    ['CRLF', 'b,a\r\nx,1\r\n,2\r\n"",3\r\n'],
    ['a byte order mark', '\ufeffb,a\nx,1\n,2\n"",3\n'],
    ['no last line end', 'b,a\nx,1\n,2\n"",3'],
    ['a quoted header', '"b","a"\nx,1\n,2\n"",3'],
  ])('a csv file with %s, columns declared in another order', async (_, content) => {
    const store = createMemoryStore()
    const connection = await connect()
    const dataset = createDataset({ name: 'a', format: 'csv', today: '2023-07-24' })
    await store.put(dataset.readPath, content)
    const given = { columns: { a: 'integer', b: 'string' } } as const
    await readDuckdb(store, dataset, { connection, table: 't' }, given)
    const answer = await connection.runAndReadAll('select a::int, b from t order by a')
    expect(answer.getRows()).toEqual([
      [1, 'x'],
      [2, null],
      [3, ''],
    ])
  })

  it.each([
    ['nothing at all', '', 'is empty'],
    ['two columns of a name', 'a,a\n1,2\n', 'two columns are named "a"'],
  ])('refuses a csv file with %s', async (_, content, says) => {
    const store = createMemoryStore()
    const connection = await connect()
    const dataset = createDataset({ name: 'a', format: 'csv', today: '2023-07-24' })
    await store.put(dataset.readPath, content)
    await expect(readDuckdb(store, dataset, { connection, table: 't' })).rejects.toThrow(says)
  })

  it('names that DuckDB can’t have are those it makes up, with the types declared', async () => {
    const store = createMemoryStore()
    const connection = await connect()
    const dataset = createDataset({ name: 'a', format: 'csv', today: '2023-07-24' })
    // The index of a frame of pandas has no name.
    await store.put(dataset.readPath, ',a,A\n0,1,01\n')
    await readDuckdb(store, dataset, { connection, table: 't' }, { columns: { a: 'double' } })
    const answer = await connection.runAndReadAll('from t')
    expect(answer.columnNames()).toEqual(['column0', 'a', 'A_1'])
    expect(answer.getRows()).toEqual([['0', 1, '01']])
  })

  it('reads a local file whose folder has wildcards in its name', async () => {
    const store = createLocalStore({ basepath: `${await makeFolder()}/[a]*` })
    const connection = await connect()
    const dataset = createDataset({ name: 'a', format: 'csv', today: '2023-07-24' })
    await writeRows(store, dataset, [{ zip: '01234' }], { codec: csv() })
    expect(await readDuckdb(store, dataset, { connection, table: 't' })).toBe(1)
    const answer = await connection.runAndReadAll('select zip from t')
    expect(answer.getRows()).toEqual([['01234']])
  })
})

it('DuckDB reads one column of numbers that has nulls', async () => {
  const store = createLocalStore({ basepath: await makeFolder() })
  const dataset = createDataset({ name: 'one', format: 'csv', today: '2023-07-24' })
  const one = { n: 'integer' } as const
  await writeRows(store, dataset, [{ n: null }, { n: 5 }], { codec: csv({ columns: one }) })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  onTestFinished(() => {
    connection.closeSync()
    instance.closeSync()
  })
  await readDuckdb(store, dataset, { connection, table: 'one' }, { columns: one })
  const found = await connection.runAndReadAll('select n from one')
  expect(found.getRowsJson()).toEqual([[null], ['5']])
  expect(datasetQuery(dataset, 'duckdb', { store, columns: one })).toContain(
    'allow_quoted_nulls = true',
  )
})

describe('Arrow', () => {
  it('goes into a dataset and out of it', async () => {
    const store = createMemoryStore()
    const dataset = createDataset({ name: 'a', format: 'parquet', today: '2023-07-24' })
    await writeRows(store, dataset, rows, { codec: parquet({ columns }) })
    const reader = readRows(store, dataset, { codec: parquet({ columns }) })
    const table: arrow.Table = await toArrowTable(arrow, reader, columns)
    expect(table.numRows).toBe(3)
    expect(arrowColumns(table)).toEqual({ ...columns, i: 'bigint' })
    const again = createDataset({ name: 'b', format: 'csv', today: '2023-07-24' })
    await writeRows(store, again, arrowRows(table), {
      codec: csv({ columns: arrowColumns(table) }),
    })
    expect(await collect(readRows(store, again, { codec: csv({ columns }) }))).toEqual(rows)
  })

  it.each([2 ** 31 - 1, 2_932_897])('refuses day %i, which no day of a dataset can be', (day) => {
    const data = arrow.makeData({ type: new arrow.DateDay(), data: Int32Array.of(0, day) })
    const table = new arrow.Table({ d: new arrow.Vector([data]) })
    expect(() => [...arrowRows(table)]).toThrow('Row 2 of the Arrow table: column "d" is a time')
  })

  it('refuses a column that its rows would lose', () => {
    const vector = arrow.vectorFromArray([1], new arrow.Int32())
    const table = new arrow.Table(Object.fromEntries([['__proto__', vector]]))
    expect(() => [...arrowRows(table)]).toThrow('column "__proto__" is refused')
  })

  it('takes tables of others, and infers types of rows', async () => {
    const table = arrow.tableFromArrays({
      a: Int32Array.of(1, 2),
      b: ['x', 'y'],
      c: Float64Array.of(0.5, 1),
    })
    expect(arrowColumns(table)).toEqual({ a: 'integer', b: 'string', c: 'double' })
    expect([...arrowRows(table)]).toEqual([
      [
        { a: 1, b: 'x', c: 0.5 },
        { a: 2, b: 'y', c: 1 },
      ],
    ])
    const made: arrow.Table = await toArrowTable(arrow, some())
    expect(made.toArray().map((row) => row?.toJSON())).toEqual([
      { a: null, b: null },
      { a: 'x', b: 2n },
    ])
    const list = new arrow.Table({
      l: arrow.vectorFromArray([[1, 2]], new arrow.List(new arrow.Field('x', new arrow.Int32()))),
    })
    expect(() => arrowColumns(list)).toThrow(/"l" has the type List/)
  })
})
