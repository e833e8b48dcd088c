import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CsvCodecOptions, csv } from '../src/csv.ts'
import { type Row, createDataset, isDatasetError, readRows, writeRows } from '../src/index.ts'
import { collect, makeFolder, textOf } from './stores.ts'

const dataset = createDataset({
  name: 'rows',
  format: 'csv',
  rundate: '2013-01-01',
  today: '2023-07-24',
})

/** Reads a file's bytes, given to the codec in pieces of a size. */
async function read(
  content: string | Uint8Array,
  options: CsvCodecOptions = {},
  pieceSize = 1 << 20,
): Promise<Row[]> {
  const store = createMemoryStore()
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  await store.put(dataset.path, bytes)
  const cut: typeof store = {
    ...store,
    async get(key, call) {
      const found = await store.get(key, call)
      if (found === undefined) return found
      const pieces = Array.from({ length: Math.ceil(bytes.byteLength / pieceSize) }, (_, index) =>
        bytes.subarray(index * pieceSize, (index + 1) * pieceSize),
      )
      return { ...found, body: ReadableStream.from(pieces) }
    },
  }
  return await collect(readRows(cut, dataset, { codec: csv(options) }))
}

async function write(rows: readonly Row[], options: CsvCodecOptions = {}): Promise<string> {
  const store = createMemoryStore()
  await writeRows(store, dataset, rows, { codec: csv(options) })
  return (await textOf(store, dataset.path)) ?? ''
}

async function failureOf(
  call: Promise<unknown>,
): Promise<{ code?: string; message: string; line?: number; row?: number; column?: string }> {
  return await call.then(
    () => ({ message: 'it did not fail' }),
    (error: unknown) => {
      if (!isDatasetError(error)) throw error
      const { code, message, line, row, column } = error
      return JSON.parse(JSON.stringify({ code, message, line, row, column }))
    },
  )
}

it('reads and writes a file of one column of nulls, and of 70,000 columns', async () => {
  for (const type of ['integer', 'date', 'timestamp', 'boolean', 'double'] as const) {
    const text = await write([{ a: null }, { a: null }], { columns: { a: type } })
    expect(await read(text, { columns: { a: type } })).toEqual([{ a: null }, { a: null }])
  }
  const wide = Object.fromEntries(Array.from({ length: 70_000 }, (_, at) => [`c${at}`, `${at}`]))
  expect(await read(await write([wide, wide]))).toEqual([wide, wide])
})

describe('csv, read', () => {
  it.each<[string, CsvCodecOptions, Row[]]>([
    ['a,b\n1,2\n', {}, [{ a: '1', b: '2' }]],
    ['a,b\r\n1,2', {}, [{ a: '1', b: '2' }]],
    ['a,b', {}, []],
    ['a,b\n', {}, []],
    ['a,b\n1,2\n\n\n', {}, [{ a: '1', b: '2' }]],
    ['\ufeffa,b\n1,2\n', {}, [{ a: '1', b: '2' }]],
    ['a,b\n,""\n', {}, [{ a: '', b: '' }]],
    ['a,b\n,""\n', { columns: { a: 'string', b: 'string' } }, [{ a: null, b: '' }]],
    ['a,b\n"",""\n', { columns: { a: 'integer', b: 'date' } }, [{ a: null, b: null }]],
    ['a\n1\n\n2\n', { columns: { a: 'integer' } }, [{ a: 1 }, { a: null }, { a: 2 }]],
    ['a,b\n"x, ""y""\n\r\nz",2\n', {}, [{ a: 'x, "y"\n\r\nz', b: '2' }]],
    ['"a","b"\r\n"1","2"\r\n', {}, [{ a: '1', b: '2' }]],
    // No line end behind the last field, and a record that began on the line before: this ran for ever.
    ['a,b\n"x\ny",5', {}, [{ a: 'x\ny', b: '5' }]],
    ['a,b\n"x\ny",', {}, [{ a: 'x\ny', b: '' }]],
    ['a;b\n1;2,3\n', { delimiter: ';' }, [{ a: '1', b: '2,3' }]],
    ["a\tb\n'x\ty'\t2\n", { delimiter: '\t', quote: "'" }, [{ a: 'x\ty', b: '2' }]],
    ['1,2\n', { header: false, columns: { a: 'integer', b: 'string' } }, [{ a: 1, b: '2' }]],
    ['a,b\nNA,2\n', { nullText: 'NA', columns: { a: 'double' } }, [{ a: null, b: '2' }]],
    [
      'a,b\n1,2\r\n3,4\n',
      { mixedLineEnds: true },
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['é,😀\nü,漢\n', {}, [{ é: 'ü', '😀': '漢' }]],
    ['__proto__,constructor\n1,2\n', {}, [JSON.parse('{"__proto__":"1","constructor":"2"}')]],
    ['"a""b","\';alert(1)//"\n1,2\n', {}, [{ 'a"b': '1', "';alert(1)//": '2' }]],
    ['zip,n\n01234,007\n', { columns: { zip: 'string', n: 'integer' } }, [{ zip: '01234', n: 7 }]],
  ])('%j', async (content, options, rows) => {
    for (const size of [1, 2, 3, 5, 1000]) {
      expect(await read(content, options, size)).toEqual(rows)
    }
    expect((await read(content, options)).map((row) => Object.getPrototypeOf(row))).toEqual(
      rows.map(() => Object.prototype),
    )
  })

  it('reads every type, and null in each', async () => {
    const columns = {
      s: 'string',
      i: 'integer',
      b: 'bigint',
      d: 'double',
      o: 'boolean',
      y: 'date',
      t: 'timestamp',
    } as const
    const content =
      's,i,b,d,o,y,t\n01,-5,9223372036854775807,1.5e3,true,2013-01-31,2013-01-31T06:00:00+02:00\n,,,,,,\n'
    expect(await read(content, { columns })).toEqual([
      {
        s: '01',
        i: -5,
        b: 2n ** 63n - 1n,
        d: 1500,
        o: true,
        y: '2013-01-31',
        t: new Date('2013-01-31T04:00:00Z'),
      },
      { s: null, i: null, b: null, d: null, o: null, y: null, t: null },
    ])
  })

  it.each<
    [
      string | Uint8Array,
      CsvCodecOptions,
      { code: string; says: string; line?: number; row?: number; column?: string },
    ]
  >([
    ['', {}, { code: 'INVALID_CONTENT', line: 1, says: 'empty' }],
    [
      'a,b\n1,2\r\n',
      {},
      {
        code: 'INVALID_CONTENT',
        line: 2,
        says: 'character 4 of the csv file: the line ends with CRLF, those before with LF',
      },
    ],
    [
      'a,b\r\n1,2\n',
      {},
      { code: 'INVALID_CONTENT', line: 2, says: 'ends with LF, those before with CRLF' },
    ],
    ['a,b\r1,2\r', {}, { code: 'INVALID_CONTENT', line: 1, says: 'carriage return' }],
    [
      'a,b\n1,2\n"x\ny,2\n',
      {},
      {
        code: 'INVALID_CONTENT',
        line: 3,
        says: 'character 1 of the csv file: the quote that opens a field here is never closed',
      },
    ],
    ['a,b\n1,"2\n', {}, { code: 'INVALID_CONTENT', line: 2, says: 'character 3' }],
    ['a,b\n"1\n2","', {}, { code: 'INVALID_CONTENT', line: 3, says: 'character 4' }],
    [
      'a,b\nx"y,2\n',
      {},
      {
        code: 'INVALID_CONTENT',
        line: 2,
        says: 'character 2 of the csv file: a quote stands inside',
      },
    ],
    [
      'a,b\n"x"y,2\n',
      {},
      {
        code: 'INVALID_CONTENT',
        line: 2,
        says: 'character 4 of the csv file: a closed quote is followed',
      },
    ],
    ['a,b\n1,2\n\n3,4\n', {}, { code: 'INVALID_CONTENT', line: 3, says: 'blank' }],
    ['a,a\n1,2\n', {}, { code: 'INVALID_CONTENT', line: 1, says: 'two columns are named "a"' }],
    [
      'a,b\n1,2\n',
      { columns: { c: 'string' } },
      { code: 'INVALID_CONTENT', column: 'c', says: 'no column "c"; it has "a", "b"' },
    ],
    [
      'a,b\n1,2\n3\n',
      {},
      { code: 'INVALID_ROW', row: 2, column: '', says: 'row 2 has 1 fields, not 2 (line 3)' },
    ],
    [
      'a,b\n1,2\n3,4,5\n',
      {},
      { code: 'INVALID_ROW', row: 2, column: '', says: 'row 2 has 3 fields' },
    ],
    [
      'a,b\n"1\n",2\n"3",4,"5"\n',
      {},
      { code: 'INVALID_ROW', row: 2, column: '', says: 'not 2 (line 4)' },
    ],
    [
      'a,b\n1,2\nx,4\n',
      { columns: { a: 'integer' } },
      { code: 'INVALID_ROW', row: 2, column: 'a', says: 'row 2 column "a" is no integer' },
    ],
    [
      'a\n9007199254740993\n',
      { columns: { a: 'integer' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: 'bigint' },
    ],
    [
      'a\n9223372036854775808\n',
      { columns: { a: 'bigint' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: '64 bits' },
    ],
    [
      'a\n1e999\n',
      { columns: { a: 'double' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: 'finite' },
    ],
    [
      'a\nyes\n',
      { columns: { a: 'boolean' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: 'neither true nor false' },
    ],
    [
      'a\n2013-02-29\n',
      { columns: { a: 'date' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: 'no day' },
    ],
    [
      'a\n2013-01-01 06:00\n',
      { columns: { a: 'timestamp' } },
      { code: 'INVALID_ROW', row: 1, column: 'a', says: 'offset' },
    ],
    [
      Buffer.from('a,b\nü,\xff\n', 'latin1'),
      {},
      {
        code: 'INVALID_CONTENT',
        line: 2,
        says: 'character 1 of the csv file: the bytes are no UTF-8',
      },
    ],
    [
      Buffer.concat([Buffer.from('a,b\nü,'), Buffer.from([0xe4, 10])]),
      {},
      { code: 'INVALID_CONTENT', line: 2, says: 'character 3' },
    ],
    [
      Buffer.from('\ufeffa,b\n', 'utf16le'),
      {},
      { code: 'INVALID_CONTENT', line: 1, says: 'UTF-16' },
    ],
    [
      `a,b\n"${'x\n'.repeat(100)}`,
      { maxRecordLength: 100 },
      { code: 'INVALID_CONTENT', line: 2, says: 'never closed (looked at up to 100 characters)' },
    ],
    [
      `a,b\n${'x'.repeat(5_000)}`,
      { maxRecordLength: 100 },
      { code: 'INVALID_CONTENT', line: 2, says: 'longer than 100' },
    ],
  ])('%j is refused', async (content, options, expected) => {
    const { says, ...position } = expected
    for (const size of [1, 7, 1000]) {
      const { message, ...got } = await failureOf(read(content, options, size))
      expect(got).toEqual(position)
      expect(message).toContain(says)
    }
  })

  it.each<CsvCodecOptions>([
    { delimiter: '' },
    { delimiter: ',,' },
    { delimiter: '"' },
    { quote: '\n' },
    { header: false },
    { columns: { a: 'text' as 'string' } },
  ])('options %j are refused', (options) => {
    expect(() => csv(options)).toThrow(/options are refused/)
  })
})

describe('csv, written', () => {
  it('quotes what needs it and nothing else', async () => {
    const rows = [
      { a: 'plain', b: 1, c: null },
      { a: 'x, "y"\r\nz', b: -0.5, c: '' },
      { a: '\ufeffx', b: 1e21, c: undefined },
    ]
    expect(await write(rows)).toBe('a,b,c\nplain,1,\n"x, ""y""\r\nz",-0.5,""\n"\ufeffx",1e+21,\n')
    expect(await write([{ a: 'x' }], { lineEnd: '\r\n', delimiter: ';' })).toBe('a\r\nx\r\n')
    expect(await write([{ a: null }, { a: '' }])).toBe('a\n""\n""\n')
    expect(await write([{ a: null, b: 1 }], { nullText: 'NA' })).toBe('a,b\nNA,1\n')
    expect(await write([], { columns: { a: 'string' } })).toBe('a\n')
    expect(await write([{ b: 1 }], { columns: { a: 'string', b: 'integer' } })).toBe('a,b\n,1\n')
  })

  it('writes every type as it reads it', async () => {
    const columns = {
      s: 'string',
      i: 'integer',
      b: 'bigint',
      d: 'double',
      o: 'boolean',
      y: 'date',
      t: 'timestamp',
    } as const
    const rows = [
      {
        s: '01234',
        i: 7,
        b: 2n ** 62n,
        d: 0.1,
        o: false,
        y: '9999-12-31',
        t: new Date('2013-01-31T04:00:00.120Z'),
      },
      { s: null, i: null, b: null, d: null, o: null, y: null, t: null },
    ]
    expect(await read(await write(rows, { columns }), { columns })).toEqual(rows)
  })

  it.each<[Row, CsvCodecOptions, string]>([
    [{ a: 1 }, { columns: { a: 'string' } }, 'row 1 column "a" is a number, not text'],
    [{ a: '1' }, { columns: { a: 'integer' } }, 'is a string, not an integer'],
    [{ a: Number.NaN }, {}, 'is not a finite number'],
    [{ a: { b: 1 } }, {}, 'is an object, which a csv field can'],
    [{ a: 'x', b: 1 }, { columns: { a: 'string' } }, 'column "b" is not in the file'],
    [{ a: 'NA' }, { nullText: 'NA' }, 'stands for null'],
    [{ a: '\ud800' }, {}, 'half a surrogate pair'],
  ])('%j is refused, and nothing is written', async (row, options, says) => {
    const store = createMemoryStore()
    const { code, message } = await failureOf(
      writeRows(store, dataset, [row], { codec: csv(options) }),
    )
    expect(code).toBe('INVALID_ROW')
    expect(message).toContain(says)
    expect(await store.head(dataset.path)).toBeUndefined()
  })

  it('has no file without rows unless the columns are known', async () => {
    expect(await failureOf(write([]))).toMatchObject({ code: 'INVALID_SOURCE' })
    const store = createMemoryStore()
    const schema = z.object({ a: z.string(), b: z.number() })
    await writeRows(store, dataset, [], { codec: csv(), schema })
    expect(await textOf(store, dataset.path)).toBe('a,b\n')
  })
})

describe('csv, as others see it', () => {
  const pieces = [
    '',
    'a',
    '"',
    ',',
    '\n',
    '\r\n',
    '\r',
    ' ',
    'é',
    '😀',
    '0',
    'NULL',
    "'",
    '\\',
    ';',
    '\t',
    '\ufeff',
  ]
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((seed / 2 ** 31) * below)
  }
  const text = (): string =>
    Array.from({ length: random(5) }, () => pieces[random(pieces.length)] ?? '').join('')
  const table = (): Row[] =>
    Array.from({ length: 1 + random(6) }, () => ({ a: text(), b: text(), c: text() }))

  it(
    'reads what Python wrote and writes what Python, DuckDB and pandas read',
    { timeout: 120_000 },
    async () => {
      const folder = await makeFolder()
      const tables = Array.from({ length: 100 }, table)
      writeFileSync(join(folder, 'tables.json'), JSON.stringify(tables))
      for (const [index, rows] of tables.entries()) {
        writeFileSync(join(folder, `ours-${index}.csv`), await write(rows))
      }
      const python = join(import.meta.dirname, '../../../.venv/bin/python')
      const script = join(import.meta.dirname, 'csv_others.py')
      expect(JSON.parse(execFileSync(python, [script, folder], { encoding: 'utf8' }))).toEqual({
        python: 100,
        duckdb: 100,
        pandas: 100,
      })
      for (const [index, rows] of tables.entries()) {
        for (const style of ['minimal', 'all', 'crlf']) {
          const content = readFileSync(join(folder, `theirs-${style}-${index}.csv`))
          expect(await read(content, {}, 1 + random(9))).toEqual(rows)
        }
      }
    },
  )
})
