import type { SchemaElement } from 'hyparquet'
import type { Writer } from 'hyparquet-writer'
import type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
import { type ColumnType, type ColumnTypes, columnIssue, toColumn, typeOfValue } from './columns.ts'
import { DatasetError } from './errors.ts'

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
 * Rows of a parquet file, by hyparquet and hyparquet-writer (optional peer dependencies, loaded on first use; with hyparquet-compressors, when
 * it is installed, for files in gzip, zstd, brotli or lz4). Dates are text `YYYY-MM-DD`, timestamps are `Date`s (to the millisecond), 64-bit integers
 * are numbers where the column is `integer` and `bigint` otherwise.
 */
export function parquet(options: ParquetCodecOptions = {}): RowCodec {
  const { columns, rowGroupSize = 100_000, compression = 'snappy' } = options
  return { format: 'parquet', compressible: false, decode, encode }

  async function* decode(source: CodecSource, context: CodecContext): AsyncGenerator<RowBatch> {
    const reader = await load('hyparquet', () => import('hyparquet'), context)
    const compressors = await import('hyparquet-compressors').then(
      (found) => found.compressors,
      () => undefined,
    )
    const file = await toFile(source)
    const fail = (cause: unknown, where: string): unknown => damaged(cause, where, context)
    try {
      const metadata = await reader.parquetMetadataAsync(file).catch((cause: unknown) => {
        throw fail(cause, 'its footer')
      })
      const types = columns ?? context.columns ?? {}
      checkColumns(metadata.schema, columns ?? {}, context)
      const days = metadata.schema
        .filter(
          (element) => element.logical_type?.type === 'DATE' || element.converted_type === 'DATE',
        )
        .map(({ name }) => name)
      let start = 0
      for (const [index, group] of metadata.row_groups.entries()) {
        const end = start + Number(group.num_rows)
        for (let from = start; from < end; from += rowGroupSize) {
          const to = Math.min(end, from + rowGroupSize)
          const rows = await reader
            .parquetReadObjects({
              file,
              metadata,
              rowStart: from,
              rowEnd: to,
              ...(compressors === undefined ? {} : { compressors }),
            })
            .catch((cause: unknown) => {
              throw fail(cause, `row group ${index + 1} (rows ${start + 1} to ${end})`)
            })
          yield convert(rows, from, days, types, context)
        }
        start = end
      }
    } finally {
      context.signal?.throwIfAborted()
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

/** Reads rows, 64-bit integers and days into the forms that the column types have. */
function convert(
  rows: Record<string, unknown>[],
  before: number,
  days: readonly string[],
  types: ColumnTypes,
  context: CodecContext,
): RowBatch {
  const declared = Object.entries(types)
  if (days.length === 0 && declared.length === 0) return rows
  return rows.map((row, index) => {
    for (const name of days) {
      const value = row[name]
      if (value instanceof Date) row[name] = value.toISOString().slice(0, 10)
    }
    const issues: RowIssue[] = []
    for (const [name, type] of declared) {
      if (row[name] === null || row[name] === undefined) continue
      try {
        row[name] = toColumn[type](row[name])
      } catch (error) {
        issues.push(columnIssue(name, error))
      }
    }
    return issues.length === 0 ? row : context.reject(before + index + 1, issues, row)
  })
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
      const value = row[name]
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

async function toFile(source: CodecSource): Promise<{
  byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
}> {
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
    return {
      byteLength: size,
      slice: (start, end = size) => Promise.resolve(bytes.buffer.slice(start, end)),
    }
  }
  const range = await source.toRanges()
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const from = start < 0 ? Math.max(0, size + start) : start
      return await range(from, end - from)
    },
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

function checkColumns(
  schema: readonly SchemaElement[],
  types: ColumnTypes,
  context: CodecContext,
): void {
  const names = schema.slice(1).map(({ name }) => name)
  const missing = Object.keys(types).filter((name) => !names.includes(name))
  const [first] = missing
  if (first === undefined) return
  const { name } = context.dataset
  throw new DatasetError(
    `Dataset "${name}": the file has no column "${missing.join('", "')}"; it has "${names.slice(0, 50).join('", "')}".`,
    { code: 'INVALID_CONTENT', dataset: name, column: first },
  )
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
