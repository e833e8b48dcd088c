import type { ParquetParsers, SchemaElement } from 'hyparquet'
import type { Writer } from 'hyparquet-writer'
import type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
import {
  BadValue,
  type ColumnType,
  type ColumnTypes,
  checkNames,
  checkNewNames,
  columnIssue,
  toColumn,
  typeOfValue,
} from './columns.ts'
import { DatasetError } from './errors.ts'
import { loadCompressors } from './parquet-compressors.ts'
import { type ParquetFile, readFooter } from './parquet-footer.ts'
import { type ColumnChunk, checkPages } from './parquet-pages.ts'
import { readGroup, rowMaker, topNames } from './parquet-rows.ts'
import { isDay } from './today.ts'

/** How a parquet file is read and written. */
export interface ParquetCodecOptions {
  /**
   * Types of the columns, and their order when the file is written.
   * @default when writing: the types that the row schema tells, else those of the first 1,000 rows; when reading: the file's own
   */
  columns?: ColumnTypes | undefined
  /** Rows per row group: what is held in memory at a time, when reading and when writing. @default 100_000 */
  rowGroupSize?: number | undefined
  /** Compression inside the file. @default 'snappy' */
  compression?: 'snappy' | 'none' | undefined
}

// Small files are read whole, in one request and from one version; of larger ones a row group at a time.
const WHOLE_BYTES = 64 * 1024 * 1024

/**
 * Rows of a parquet file, by hyparquet and hyparquet-writer (optional peer dependencies, loaded on first use; hyparquet-compressors, when it is
 * installed, makes Snappy faster). Dates are text `YYYY-MM-DD`, timestamps are `Date`s (to the millisecond), 64-bit integers
 * are numbers where the column is `integer` and `bigint` otherwise, bytes that the file does not call text are `Uint8Array`s. Pages are checked before they are read: a damaged file
 * is `INVALID_CONTENT`, at the page and byte that the message names.
 */
export function parquet(options: ParquetCodecOptions = {}): RowCodec {
  const { columns, rowGroupSize = 100_000, compression = 'snappy' } = options
  return { format: 'parquet', compressible: false, decode, encode }

  async function* decode(source: CodecSource, context: CodecContext): AsyncGenerator<RowBatch> {
    const reader = await load('hyparquet', () => import('hyparquet'), context)
    const compressors = await loadCompressors()
    const file = await toFile(source)
    const { metadata, groups } = await readFooter(reader, file).catch((cause: unknown) => {
      throw damaged(cause, 'its footer', context)
    })
    const types = columns ?? context.columns ?? {}
    const elements = metadata.schema.slice(1).map(({ name }) => name)
    checkNames(elements, columns ?? {}, context.dataset)
    const conversion = conversionOf(metadata.schema, types)
    const names = topNames(metadata)
    const make = rowMaker(names)
    let start = 0
    for (const [index, { rows, chunks }] of groups.entries()) {
      const where = `row group ${index + 1} (rows ${start + 1} to ${start + rows})`
      const fail = (cause: unknown): never => {
        throw damaged(cause, where, context)
      }
      const part = await toPart(file, chunks).catch(fail)
      try {
        for (const chunk of chunks) checkPages(part.bytes, part.start, chunk, compressors)
      } catch (cause) {
        fail(cause)
      }
      for (let from = 0; from < rows; from += rowGroupSize) {
        context.signal?.throwIfAborted()
        const to = Math.min(rows, from + rowGroupSize)
        const wanted = { file: part.file, metadata, group: index, from, to, compressors, parsers }
        const found = await readGroup(reader, wanted, names, make).catch(fail)
        yield convert(found, start + from, conversion, context)
      }
      start += rows
    }
  }

  async function* encode(
    batches: AsyncIterable<readonly Row[]>,
    context: CodecContext,
  ): AsyncGenerator<Uint8Array> {
    const writing = await load('hyparquet-writer', () => import('hyparquet-writer'), context)
    const chunks = createChunks(new writing.ByteWriter())
    let types = columns
    let writer: InstanceType<typeof writing.ParquetWriter> | undefined
    let rows = 0
    let group: Row[] = []
    const flush = async (): Promise<void> => {
      types ??= inferTypes(group, context.columns)
      const names = Object.entries(types)
      if (names.length === 0) throw noColumns(context)
      checkNewNames(Object.keys(types), context.dataset)
      writer ??= new writing.ParquetWriter({
        writer: chunks.writer,
        schema: [{ name: 'root', num_children: names.length }, ...names.map(toElement)],
        codec: compression === 'snappy' ? 'SNAPPY' : 'UNCOMPRESSED',
      })
      const data = toColumns(group, rows, types, context)
      rows += group.length
      group = []
      const columnData = names.map(([name]) => ({ name, data: data[name] ?? [] }))
      await writer.write({ columnData, rowGroupSize })
    }
    for await (const batch of batches) {
      for (const row of batch) {
        group.push(row)
        if (group.length < rowGroupSize) continue
        await flush()
        yield* chunks.take()
      }
    }
    if (group.length > 0 || writer === undefined) await flush()
    await writer?.finish()
    yield* chunks.take()
  }
}

interface Conversion {
  readonly types: readonly [string, ColumnType][]
  /** Columns of days and instants. */
  readonly times: readonly string[]
}

function conversionOf(schema: readonly SchemaElement[], types: ColumnTypes): Conversion {
  const times = schema.filter(({ type, converted_type: converted, logical_type: logical }) =>
    /^(DATE|TIMESTAMP|INT96)/.test(logical?.type ?? converted ?? type ?? ''),
  )
  return { types: Object.entries(types), times: times.map(({ name }) => name) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// hyparquet's own would drop a byte order mark, put other letters for bytes that are no UTF-8, and give days as instants.
const parsers: Partial<ParquetParsers> = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes),
  dateFromDays(days: number) {
    const date = new Date(days * 86_400_000)
    const day = Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
    return isDay(day) ? day : new Date(Number.NaN)
  },
}

/** Reads values into the forms that the column types have. */
function convert(
  rows: Record<string, unknown>[],
  before: number,
  { types, times }: Conversion,
  context: CodecContext,
): RowBatch {
  if (times.length === 0 && types.length === 0) return rows
  return rows.map((row, index) => {
    const issues: RowIssue[] = []
    for (const name of times) {
      const value = row[name]
      if (value instanceof Date && Number.isNaN(value.getTime())) {
        issues.push({ column: name, message: `column "${name}" is a time that no Date can hold` })
      }
    }
    for (const [name, type] of types) {
      const value = row[name]
      if (value === null || value === undefined) continue
      try {
        row[name] = toColumn[type](type === 'string' ? toTextOf(value) : value)
      } catch (error) {
        issues.push(columnIssue(name, error))
      }
    }
    return issues.length === 0 ? row : context.reject(before + index + 1, issues, row)
  })
}

/** Text of a column of which the file does not say that it is text. */
function toTextOf(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value
  try {
    return utf8.decode(value)
  } catch {
    throw new BadValue('holds bytes that are no UTF-8')
  }
}

function toColumns(
  rows: readonly Row[],
  before: number,
  types: ColumnTypes,
  context: CodecContext,
): Record<string, unknown[]> {
  const entries = Object.entries(types)
  const columns: Record<string, unknown[]> = Object.fromEntries(
    entries.map(([name]) => [name, [] as unknown[]]),
  )
  rows.forEach((row, index) => {
    const issues: RowIssue[] = []
    const values = entries.map(([name, type]) => {
      const value = Object.hasOwn(row, name) ? row[name] : undefined
      if (value === null || value === undefined) return null
      try {
        return toStored(toColumn[type](value), type)
      } catch (error) {
        issues.push(columnIssue(name, error))
        return null
      }
    })
    for (const name of Object.keys(row)) {
      if (!Object.hasOwn(types, name)) {
        issues.push({ column: name, message: `column "${name}" is not in the file` })
      }
    }
    if (issues.length > 0) context.reject(before + index + 1, issues, row)
    else entries.forEach(([name], at) => columns[name]?.push(values[at]))
  })
  return columns
}

function toStored(value: unknown, type: ColumnType): unknown {
  if (type === 'integer') return BigInt(value as number)
  return type === 'date' ? new Date(`${String(value)}T00:00:00Z`) : value
}

const ELEMENTS: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  integer: { type: 'INT64' },
  bigint: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
}

function toElement([name, type]: [string, ColumnType]): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...ELEMENTS[type] }
}

function inferTypes(rows: readonly Row[], known: ColumnTypes | undefined): ColumnTypes {
  const types: Record<string, ColumnType> = {}
  for (const row of rows.slice(0, 1000)) {
    for (const [name, value] of Object.entries(row)) {
      const type =
        (known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined) ??
        typeOfValue(value)
      if (type !== undefined && !Object.hasOwn(types, name)) types[name] = type
    }
  }
  return rows.length === 0 ? (known ?? {}) : types
}

/** The writer's output, taken away after every row group. */
function createChunks(writer: Writer & { index: number; getBytes(): Uint8Array }): {
  writer: Writer
  take(): Uint8Array[]
} {
  return {
    writer,
    take() {
      if (writer.index === 0) return []
      const bytes = Uint8Array.from(writer.getBytes())
      // `offset` goes on counting: the footer names places in the whole file.
      writer.index = 0
      return [bytes]
    },
  }
}

async function toFile(source: CodecSource): Promise<ParquetFile> {
  const { size } = source
  if (size <= WHOLE_BYTES) {
    const parts: Uint8Array[] = []
    for await (const chunk of source.stream()) parts.push(chunk)
    const bytes = new Uint8Array(size)
    let offset = 0
    for (const part of parts) {
      bytes.set(part, offset)
      offset += part.byteLength
    }
    return sliced(bytes, 0, size)
  }
  const range = await source.toRanges()
  return {
    byteLength: size,
    slice: async (start, end = size) => await range(start, end - start),
  }
}

/** The bytes of a row group, read once, for the check and for hyparquet. */
async function toPart(
  file: ParquetFile,
  chunks: readonly ColumnChunk[],
): Promise<{ bytes: Uint8Array; start: number; file: ParquetFile }> {
  let start = file.byteLength
  let end = 0
  for (const chunk of chunks) {
    start = Math.min(start, chunk.start)
    end = Math.max(end, chunk.end)
  }
  const bytes = new Uint8Array(await file.slice(Math.min(start, end), end))
  return { bytes, start, file: sliced(bytes, start, file.byteLength) }
}

/** A file of which `bytes` are there, from `start` on. */
function sliced(bytes: Uint8Array, start: number, byteLength: number): ParquetFile {
  return {
    byteLength,
    slice: (from, to = byteLength) => Promise.resolve(bytes.slice(from - start, to - start).buffer),
  }
}

async function load<T>(
  name: string,
  importing: () => Promise<T>,
  context: CodecContext,
): Promise<T> {
  try {
    return await importing()
  } catch (cause) {
    throw new DatasetError(
      `Dataset "${context.dataset.name}": the parquet codec needs the package "${name}", which can't be loaded: npm install ${name}.`,
      { code: 'UNSUPPORTED', dataset: context.dataset.name, cause },
    )
  }
}

function damaged(cause: unknown, where: string, { dataset, signal }: CodecContext): unknown {
  signal?.throwIfAborted()
  if (cause instanceof Error && ['StoreError', 'DatasetError'].includes(cause.name)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DatasetError(
    `Dataset "${dataset.name}": the parquet file is damaged or no parquet file, seen in ${where}: ${reason}.`,
    { code: 'INVALID_CONTENT', dataset: dataset.name, cause },
  )
}

function noColumns({ dataset }: CodecContext): DatasetError {
  return new DatasetError(
    `Dataset "${dataset.name}": there are no rows with values, and nothing says which columns the file has: give the codec columns.`,
    { code: 'INVALID_SOURCE', dataset: dataset.name },
  )
}
