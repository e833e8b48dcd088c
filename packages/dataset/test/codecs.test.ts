import { readdirSync, readlinkSync } from 'node:fs'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { csv } from '../src/csv.ts'
import {
  type Compression,
  type Dataset,
  type Row,
  type RowCodec,
  type RowSchema,
  type WriteRowsResult,
  createDataset,
  defineCatalog,
  isDatasetError,
  readRows,
  writeRows,
} from '../src/index.ts'
import { ndjson } from '../src/ndjson.ts'
import { parquet } from '../src/parquet.ts'
import { collect, contentsOf, makeFolder, stores, textOf } from './stores.ts'

const columns = {
  s: 'string',
  i: 'integer',
  b: 'bigint',
  d: 'double',
  o: 'boolean',
  y: 'date',
  t: 'timestamp',
} as const
const rows: Row[] = [
  {
    s: '01234',
    i: -7,
    b: 2n ** 63n - 1n,
    d: 0.1,
    o: false,
    y: '9999-12-31',
    t: new Date('2013-01-31T04:00:00.120Z'),
  },
  {
    s: 'x, "ü😀"\n',
    i: 2 ** 53 - 1,
    b: -(2n ** 63n),
    d: 1e300,
    o: true,
    y: '0001-01-01',
    t: new Date(0),
  },
  {
    s: '',
    i: 0,
    b: 0n,
    d: -0.5,
    o: true,
    y: '2024-02-29',
    t: new Date('1969-12-31T23:59:59.999Z'),
  },
  { s: null, i: null, b: null, d: null, o: null, y: null, t: null },
]

function datasetOf(format: string, compression?: Compression): Dataset {
  return createDataset({
    name: 'rows',
    format,
    compression,
    rundate: '2013-01-01',
    today: '2023-07-24',
  })
}

/** A store that has these bytes at every key and gives them in pieces of that size. */
function inPieces(bytes: Uint8Array, pieceSize: number): Store {
  const store = createMemoryStore()
  return {
    ...store,
    async get(key, call) {
      await store.put(key, bytes)
      const found = await store.get(key, call)
      const pieces = Array.from({ length: Math.ceil(bytes.byteLength / pieceSize) }, (_, index) =>
        bytes.slice(index * pieceSize, (index + 1) * pieceSize),
      )
      return found && { ...found, body: ReadableStream.from(pieces) }
    },
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'it did not fail',
    (error: unknown) => {
      if (!isDatasetError(error)) throw error
      return `${error.code}: ${error.message}`
    },
  )
}

const codecs: { name: string; codec: RowCodec; compressions: (Compression | undefined)[] }[] = [
  { name: 'csv', codec: csv({ columns }), compressions: [undefined, 'gzip', 'zstd'] },
  { name: 'ndjson', codec: ndjson({ columns }), compressions: [undefined, 'gzip', 'zstd'] },
  { name: 'parquet', codec: parquet({ columns }), compressions: [undefined] },
]
const combinations = codecs.flatMap(({ name, codec, compressions }) =>
  compressions.map((compression) => ({ name, codec, compression })),
)

describe.each(stores)('rows on $kind', ({ open }) => {
  it.each(combinations)(
    '$name, $compression: back as they were',
    async ({ name, codec, compression }) => {
      const store = await open()
      const dataset = datasetOf(name, compression)
      const result = await writeRows(store, dataset, rows, { codec })
      expect(result).toMatchObject({ rows: 4, rejects: undefined, latest: 'untouched' })
      expect(result.bytes).toBe((await store.head(dataset.path))?.size)
      const reader = readRows(store, dataset, { codec })
      expect(await collect(reader)).toEqual(rows)
      expect(reader.rows).toBe(4)
    },
  )

  it.each(combinations)(
    '$name, $compression: many, in batches',
    async ({ name, codec, compression }) => {
      const store = await open()
      const dataset = createDataset({
        name: 'many',
        format: name,
        compression,
        today: '2023-07-24',
      })
      const count = 20_000
      async function* many(): AsyncGenerator<Row[]> {
        for (let start = 0; start < count; start += 999) {
          const length = Math.min(999, count - start)
          yield Array.from({ length }, (_, index) => ({ ...rows[0], i: start + index }))
        }
      }
      const result = await writeRows(store, dataset, many(), { codec })
      expect(result).toMatchObject({ rows: count, latest: 'written' })
      let next = 0
      for await (const batch of readRows(store, dataset, { codec }).batches()) {
        for (const row of batch) if (row['i'] === next) next += 1
      }
      expect(next).toBe(count)
    },
  )
})

describe('row schema', () => {
  const schema = z.object({
    zip: z.string().length(5).nullable(),
    count: z.number().int().positive(),
    day: z.iso.date(),
  })

  it.each(['csv', 'ndjson', 'parquet'])('types and checks the columns of %s', async (format) => {
    const codec = { csv: csv(), ndjson: ndjson(), parquet: parquet() }[format] ?? csv()
    const store = createMemoryStore()
    const dataset = datasetOf(format)
    const good = [
      { zip: '01234', count: 7, day: '2013-01-31' },
      { zip: null, count: 8, day: '2013-02-28' },
    ]
    await writeRows(store, dataset, good, { codec, schema })
    const read: z.infer<typeof schema>[] = await collect(
      readRows(store, dataset, { codec, schema }),
    )
    expect(read).toEqual(good)

    const before = await contentsOf(store)
    const bad = [...good, { zip: '1', count: 7, day: '2013-01-31' }]
    expect(await codeOf(writeRows(store, dataset, bad, { codec, schema }))).toMatch(
      /^INVALID_ROW: Dataset "rows": row 3 column "zip": /,
    )
    expect(await contentsOf(store)).toEqual(before)
    const strict = schema.extend({ count: z.number().max(7) })
    expect(await codeOf(collect(readRows(store, dataset, { codec, schema: strict })))).toMatch(
      /^INVALID_ROW: Dataset "rows": row 2 column "count": /,
    )
  })

  it('gives and writes what it makes of a row, asynchronously too', async () => {
    const store = createMemoryStore()
    const upper = z.object({ a: z.string().transform((text) => text.toUpperCase()) })
    const later = z.object({ a: z.string().refine(async () => Promise.resolve(true)) })
    await writeRows(store, datasetOf('ndjson'), [{ a: 'x' }], { codec: ndjson(), schema: upper })
    expect(await textOf(store, datasetOf('ndjson').path)).toBe('{"a":"X"}\n')
    const reader = readRows(store, datasetOf('ndjson'), { codec: ndjson(), schema: later })
    expect(await collect(reader)).toEqual([{ a: 'X' }])
  })
})

describe('quarantine', () => {
  const schema = z.object({ a: z.number().max(9), b: z.string() })
  const given = [
    { a: 1, b: 'x' },
    { a: 10, b: 'x' },
    { a: 2, b: { not: 'a cell' } },
    { a: 3, b: 'half \ud800' },
    { a: 4, b: 'y' },
  ]

  it.each(['csv', 'ndjson', 'parquet'])(
    'sets bad rows of %s aside and counts them',
    async (format) => {
      const codec = { csv: csv(), ndjson: ndjson(), parquet: parquet() }[format] ?? csv()
      const store = createMemoryStore()
      const dataset = datasetOf(format)
      const options = { codec, schema, onInvalid: 'quarantine' } as const
      const result = await writeRows(store, dataset, given as Row[], options)
      const path = `rejects/extracts/${format}/dataset=rows/rundate=2013-01-01/write.ndjson`
      expect(result.rows).toBe(2)
      expect(result.rejects).toEqual({ rows: 3, path, uri: store.locate(path) })
      const lines = (await textOf(store, path))?.trim().split('\n') ?? []
      const notes = lines.map(
        (line) =>
          JSON.parse(line) as {
            row: number
            value: unknown
            issues: { column: string; message: string }[]
          },
      )
      expect(notes.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual([2, 3, 4])
      expect(notes.every(({ issues }) => issues.length > 0 && issues[0]?.message !== '')).toBe(true)
      expect(notes.find(({ row }) => row === 2)?.value).toEqual(given[1])
      const loose = z.object({ a: z.number(), b: z.string() })
      const read = await collect(readRows(store, dataset, { codec, schema: loose }))
      expect(read).toEqual([given[0], given[4]])

      // The next clean run takes them away.
      await writeRows(store, dataset, [given[0] as Row], options)
      expect(await store.head(path)).toBeUndefined()
    },
  )

  it('fails past the limit, and writes nothing', async () => {
    const store = createMemoryStore()
    const options = { codec: csv(), schema, onInvalid: 'quarantine', maxInvalidRows: 2 } as const
    const call = writeRows(store, datasetOf('csv'), given as Row[], options)
    expect(await codeOf(call)).toMatch(
      /^INVALID_ROW: Dataset "rows": more than 2 rows were refused; the first: row 2 column "a"/,
    )
    expect(await contentsOf(store)).toEqual({})
  })

  it('sets bad rows aside when reading', async () => {
    const store = createMemoryStore()
    const dataset = datasetOf('csv')
    await store.put(dataset.path, 'a,b\n1,x\n2\n3,"y\nz"\nfour,x\n50,x\n')
    const reader = readRows(store, dataset, { codec: csv(), schema, onInvalid: 'quarantine' })
    expect(await collect(reader)).toEqual([
      { a: 1, b: 'x' },
      { a: 3, b: 'y\nz' },
    ])
    expect(reader.rejects?.rows).toBe(3)
    const text = await textOf(store, reader.rejects?.path ?? '')
    expect(text).toContain(
      '"row":2,"issues":[{"column":"","message":"has 1 fields, not 2 (line 3)"}]',
    )
    expect(text).toContain(
      '"row":4,"issues":[{"column":"a","message":"column \\"a\\" is no number"}]',
    )
    expect(text).toContain('"row":5')
  })
})

describe('damaged files', () => {
  const content = Buffer.from(`a,b\n${'1,x\n'.repeat(100_000)}`)
  const damage: Record<string, (bytes: Buffer) => Buffer> = {
    cut: (bytes) => bytes.subarray(0, bytes.byteLength - 20),
    'cut short': (bytes) => bytes.subarray(0, 5),
    flipped: (bytes) => {
      const copy = Buffer.from(bytes)
      for (let at = Math.floor(copy.byteLength / 2); at < copy.byteLength - 8; at += 3) {
        copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at)
      }
      return copy
    },
    'not compressed': () => content,
    'another format': () => Buffer.from('PK\u0003\u0004 something else'),
  }
  const cases = Object.keys(damage).flatMap((how) =>
    (['gzip', 'zstd'] as const).map((compression) => ({ how, compression })),
  )

  it.each(cases)('$compression, $how', async ({ how, compression }) => {
    const store = createMemoryStore()
    const dataset = datasetOf('csv', compression)
    const whole = compression === 'gzip' ? gzipSync(content) : zstdCompressSync(content)
    await store.put(dataset.path, damage[how]?.(whole) ?? whole)
    const got = await codeOf(collect(readRows(store, dataset, { codec: csv() })))
    // What a damaged deflate stream still gives may be refused before its check sum is.
    expect(got.replace(/^INVALID_ROW.*/, 'seen in a row')).toMatch(
      how === 'flipped' && got.startsWith('INVALID_ROW')
        ? /^seen in a row$/
        : new RegExp(
            `^INVALID_CONTENT: Dataset "rows": the ${compression} file is damaged or cut off, seen within its first \\d+ bytes`,
          ),
    )
  })

  it('zstd of many frames is read to its end, in pieces of any size', async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    const many = Buffer.concat([
      zstdCompressSync(''),
      zstdCompressSync('a,b\n1,'),
      skippable,
      zstdCompressSync(`x\n${'2,y\n'.repeat(100_000)}`),
    ])
    const dataset = datasetOf('csv', 'zstd')
    for (const pieceSize of [1, 7, 1 << 20]) {
      const store = inPieces(many, pieceSize)
      expect(await collect(readRows(store, dataset, { codec: csv() }))).toHaveLength(100_001)
    }
    const store = inPieces(Buffer.concat([many, Buffer.from('and more')]), 1 << 20)
    expect(await codeOf(collect(readRows(store, dataset, { codec: csv() })))).toMatch(
      /^INVALID_CONTENT: Dataset "rows": the zstd file is damaged/,
    )
  })

  it.each(
    (['gzip', 'zstd'] as const).flatMap((compression) =>
      ['csv', 'ndjson'].map((format) => ({ format, compression })),
    ),
  )('every damaged byte of $format, $compression', async ({ format, compression }) => {
    const codec = format === 'csv' ? csv({ columns }) : ndjson({ columns })
    const dataset = datasetOf(format, compression)
    const store = createMemoryStore()
    await writeRows(store, dataset, rows, { codec })
    const whole = await new Response((await store.get(dataset.path))?.body).bytes()
    for (let at = 0; at < whole.byteLength; at++) {
      const bytes = Uint8Array.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 1)
      for (const damagedBytes of [bytes, whole.subarray(0, at)]) {
        const got = await collect(readRows(inPieces(damagedBytes, 50), dataset, { codec })).catch(
          (error: unknown) => error,
        )
        if (isDatasetError(got, 'INVALID_CONTENT', 'INVALID_ROW')) continue
        // Some bytes of the headers, such as gzip's time, mean nothing to the content.
        expect({ at, got }).toEqual({ at, got: rows })
      }
    }
  })

  it.each(['cut', 'cut short', 'flipped', 'empty', 'text'])('parquet, %s', async (how) => {
    const store = createMemoryStore()
    const dataset = datasetOf('parquet')
    await writeRows(
      store,
      dataset,
      Array.from({ length: 5000 }, (_, a) => ({ a, b: `x${a}` })),
      { codec: parquet({ rowGroupSize: 1000 }) },
    )
    const whole = Buffer.from(
      await new Response((await store.get(dataset.path))?.body).arrayBuffer(),
    )
    const flipped = Buffer.from(whole)
    for (let at = 30_000; at < 31_000; at++) flipped.writeUInt8(flipped.readUInt8(at) ^ 0x55, at)
    const bytes = {
      cut: whole.subarray(0, whole.byteLength - 30),
      'cut short': whole.subarray(0, 8),
      flipped,
      empty: Buffer.alloc(0),
      text: Buffer.from('this is no parquet file at all'),
    }[how]
    await store.put(dataset.path, bytes ?? whole)
    const got = await codeOf(collect(readRows(store, dataset, { codec: parquet() })))
    expect(got).toMatch(
      /^INVALID_CONTENT: Dataset "rows": the parquet file is damaged or no parquet file, seen in (its footer|row group \d \(rows \d+ to \d+\)): /,
    )
  })

  it.each<[string, string]>([
    ['{"a":1}\n{"a":\n', 'row 2 is no JSON at character 6 of line 2'],
    ['{"a":1}\n\n[1]\n', 'row 2 is an array, not an object (line 3)'],
    ['{"a":12345678901234567890}\n', 'row 1 holds an integer past 2^53'],
    ['null\n', 'row 1 is null, not an object (line 1)'],
  ])('ndjson, %j', async (text, says) => {
    const store = createMemoryStore()
    const dataset = datasetOf('ndjson')
    await store.put(dataset.path, text)
    const got = await codeOf(collect(readRows(store, dataset, { codec: ndjson() })))
    expect(got).toContain('INVALID_ROW')
    expect(got).toContain(says)
  })
})

describe('rows that are none', () => {
  const none: [string, unknown][] = [
    ['null', null],
    ['missing', undefined],
    ['a number', 5],
    ['a string', 'text'],
    ['an array', [[{ a: 1 }]]],
    ['an object', new Map([['a', 1]])],
    ['a Date', new Date(0)],
  ]
  it.each(
    [csv(), ndjson(), parquet()].flatMap((codec) =>
      none.map(([kind, row]) => ({ codec, kind, row, format: codec.format })),
    ),
  )('$format, $kind', async ({ codec, kind, row, format }) => {
    const store = createMemoryStore()
    const call = writeRows(store, datasetOf(format), [{ a: 1 }, row] as Row[], { codec })
    expect(await codeOf(call)).toContain(
      `INVALID_ROW: Dataset "rows": row 2 is ${kind}, not a plain`,
    )
    expect(await contentsOf(store)).toEqual({})
  })

  it.each<[unknown, string]>([
    [Symbol('s'), 'holds a symbol in "a" that JSON'],
    [() => 1, 'holds a function in "a" that JSON'],
    [new Date(Number.NaN), 'holds an invalid Date in "a" that JSON'],
    [Uint8Array.of(1), 'holds an object in "a" that JSON'],
    [{ b: new Map() }, 'holds an object in "b" that JSON'],
    [{ '\ud800': 1 }, 'has a name that holds half a surrogate pair'],
  ])('ndjson, what JSON would drop: %s', async (value, says) => {
    const store = createMemoryStore()
    const call = writeRows(store, datasetOf('ndjson'), [{ a: value }], { codec: ndjson() })
    expect(await codeOf(call)).toContain(says)
  })

  it.each([csv(), parquet()])(
    '$format, a row without columns, or with names that UTF-8 can’t hold',
    async (codec) => {
      const store = createMemoryStore()
      const write = (row: Row): Promise<unknown> =>
        writeRows(store, datasetOf(codec.format), [row], { codec })
      expect(await codeOf(write({}))).toContain('INVALID_SOURCE')
      expect(await codeOf(write({ 'a\ud800': 1 }))).toContain('the name of column 1 holds half')
      expect(await contentsOf(store)).toEqual({})
    },
  )

  it.each(['csv', 'ndjson', 'parquet'])(
    '%s, columns with the names of what objects inherit',
    async (format) => {
      const named = { constructor: 'string', toString: 'integer' } as const
      const make = [csv, ndjson, parquet].find((one) => one().format === format) ?? csv
      const codec = make({ columns: named })
      const store = createMemoryStore()
      const given = [{ constructor: 'x', toString: 1 }, {}] as unknown as Row[]
      await writeRows(store, datasetOf(format), given.slice(0, format === 'ndjson' ? 1 : 2), {
        codec: codec ?? csv(),
      })
      const found = await collect(readRows(store, datasetOf(format), { codec }))
      expect(found[0]).toEqual(given[0])
      expect(found[1] ?? { constructor: null, toString: null }).toEqual({
        constructor: null,
        toString: null,
      })
    },
  )
})

describe('a schema that is none', () => {
  it.each<[string, unknown]>([
    ['an object without "~standard"', {}],
    ['an object without "~standard"', { type: 'object', properties: {} }],
    ['an object without "~standard"', { '~standard': { version: 1 } }],
    ['a function without "~standard"', () => true],
    ['a string', 'z.object'],
    ['null', null],
  ])('%s', async (kind, given) => {
    const store = createMemoryStore()
    const schema = given as RowSchema
    const says = `INVALID_DATASET: Dataset "rows": the schema is ${kind}. It must be a Standard Schema`
    const call = writeRows(store, datasetOf('csv'), [{ a: 1 }], { codec: csv(), schema })
    expect(await codeOf(call)).toContain(says)
    const reading = async () =>
      await collect(readRows(store, datasetOf('csv'), { codec: csv(), schema }))
    expect(await codeOf(reading())).toContain(says)
    const declare = async () => defineCatalog({ rows: { format: 'csv', schema } })
    expect(await codeOf(declare())).toContain(says)
    expect(await contentsOf(store)).toEqual({})
  })
})

describe('options of quarantine', () => {
  const codec = csv({ columns: { a: 'integer' } })
  const call = (options: object, row: Row = { a: 'x' }): Promise<WriteRowsResult> =>
    writeRows(createMemoryStore(), datasetOf('csv'), [row, row], { codec, ...options })

  it.each([Number.NaN, -1, 1.5, '2'])('refuses maxInvalidRows %s', async (maxInvalidRows) => {
    const message = await codeOf(call({ onInvalid: 'quarantine', maxInvalidRows }))
    expect(message).toContain('maxInvalidRows must be a whole number')
  })

  it('refuses an onInvalid that there is not, which would have let rows pass', async () => {
    expect(await codeOf(call({ onInvalid: 'skip' }))).toContain('onInvalid must be "fail" or')
  })

  it('takes exactly as many as allowed', async () => {
    const allowed = await call({ onInvalid: 'quarantine', maxInvalidRows: 2 })
    expect(allowed.rejects?.rows).toBe(2)
    const one = codeOf(call({ onInvalid: 'quarantine', maxInvalidRows: 1 }))
    expect(await one).toContain('more than 1 rows were refused')
  })

  it('keeps rows that are no JSON, as what they are', async () => {
    const row: Row = { a: 'x' }
    row['own'] = row
    const { rejects } = await call({ onInvalid: 'quarantine' }, row)
    expect(rejects?.rows).toBe(2)
  })
})

describe('calls that end early', () => {
  const formats = [csv(), ndjson(), parquet({ rowGroupSize: 1000 })]

  it.each(formats)(
    '$format: a generator that throws is closed, and nothing is there',
    async (codec) => {
      for (const { open } of stores) {
        const store = await open()
        const reason = new Error('no more')
        let isClosed = false
        async function* failing(): AsyncGenerator<Row> {
          try {
            for (let a = 0; a < 3000; a++) yield { a }
            throw reason
          } finally {
            isClosed = true
          }
        }
        await expect(writeRows(store, datasetOf(codec.format), failing(), { codec })).rejects.toBe(
          reason,
        )
        expect(isClosed).toBe(true)
        expect(await contentsOf(store)).toEqual({})
      }
    },
  )

  it.each(formats)('$format: a reader that breaks off leaves no file open', async (codec) => {
    const folder = await makeFolder()
    const store = createLocalStore({ basepath: folder })
    const dataset = datasetOf(codec.format)
    const many = Array.from({ length: 100_000 }, (_, a) => ({ a, b: 'some text' }))
    await writeRows(store, dataset, many, { codec })
    for await (const row of readRows(store, dataset, { codec })) if (row['a'] !== null) break
    const openFiles = (): string[] =>
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          const path = readlinkSync(`/proc/self/fd/${fd}`)
          return path.startsWith(folder) ? [path] : []
        } catch {
          return []
        }
      })
    await expect.poll(openFiles).toEqual([])
  })
})

describe('what does not fit together', () => {
  it('is refused before anything is opened', async () => {
    const store = createMemoryStore()
    expect(() => readRows(store, datasetOf('csv'), { codec: ndjson() })).toThrow(
      /format is "csv", but the codec given is for "ndjson"/,
    )
    const call = writeRows(store, datasetOf('parquet', 'gzip'), rows, { codec: parquet() })
    expect(await codeOf(call)).toMatch(/^UNSUPPORTED.*compresses inside/)
    expect(await codeOf(collect(readRows(store, datasetOf('csv'), { codec: csv() })))).toMatch(
      /^NOT_FOUND/,
    )
  })

  it('ends with the signal’s reason, and writes nothing', async () => {
    const store = createMemoryStore()
    const controller = new AbortController()
    const reason = new Error('cancelled')
    async function* endless(): AsyncGenerator<Row> {
      for (let a = 0; ; a++) {
        if (a === 5000) controller.abort(reason)
        yield { a }
      }
    }
    const call = writeRows(store, datasetOf('csv'), endless(), {
      codec: csv(),
      signal: controller.signal,
    })
    await expect(call).rejects.toBe(reason)
    expect(await contentsOf(store)).toEqual({})
  })

  it('compresses for real', async () => {
    const store = createMemoryStore()
    const dataset = datasetOf('csv', 'gzip')
    await writeRows(store, dataset, [{ a: 1 }], { codec: csv() })
    const bytes = await new Response((await store.get(dataset.path))?.body).arrayBuffer()
    expect(gunzipSync(bytes).toString()).toBe('a\n1\n')
  })
})
