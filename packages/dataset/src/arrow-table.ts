import type { Row } from './codec.ts'
import { type ColumnType, type ColumnTypes, typeOfValue } from './columns.ts'
import { DatasetError } from './errors.ts'
import { isDay } from './today.ts'

/** A table of `apache-arrow`, as far as it is used here. */
export interface ArrowTable {
  readonly schema: {
    readonly fields: readonly { readonly name: string; readonly type: { toString(): string } }[]
  }
  [Symbol.iterator](): Iterator<{ toJSON(): Record<string, unknown> } | null>
}

/** The module `apache-arrow`: `import * as arrow from 'apache-arrow'`. */
export interface ArrowModule<Table> {
  readonly Table: new (...parameters: never[]) => Table
  readonly vectorFromArray: (...parameters: never[]) => unknown
  readonly Utf8: new () => unknown
  readonly Int64: new () => unknown
  readonly Float64: new () => unknown
  readonly Bool: new () => unknown
  readonly DateDay: new () => unknown
  readonly TimestampMillisecond: new (timeZone?: string) => unknown
}

/** The column types of an Arrow table, to give to a codec. Throws `UNSUPPORTED` for types that no column has (lists, decimals …). */
export function arrowColumns(table: ArrowTable): ColumnTypes {
  return Object.fromEntries(
    table.schema.fields.map(({ name, type }) => [name, columnType(name, String(type))]),
  )
}

/**
 * The rows of an Arrow table, in batches, for `writeRows`. Timestamps of every unit are cut to milliseconds, those without a zone are taken as UTC.
 *
 * @example
 * await writeRows(store, delays, arrowRows(table), { codec: parquet({ columns: arrowColumns(table) }) })
 * @yields Batches of rows.
 */
export function* arrowRows(table: ArrowTable): Generator<Row[]> {
  const types = Object.entries(arrowColumns(table))
  let batch: Row[] = []
  let count = 0
  for (const found of table) {
    const values = found?.toJSON() ?? {}
    const row: Row = {}
    count += 1
    for (const [name, type] of types) {
      row[name] = fromArrow(values[name], type)
      if (row[name] === OUTSIDE) throw outside(name, count)
    }
    batch.push(row)
    if (batch.length === 1024) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/**
 * All rows as one Arrow table, made with the caller's own `apache-arrow`. Types are the columns', else those of the first rows that have a value.
 *
 * @example
 * const table = await toArrowTable(arrow, readRows(store, delays, { codec: parquet() }))
 */
export async function toArrowTable<Table>(
  arrow: ArrowModule<Table>,
  rows: AsyncIterable<unknown>,
  columns?: ColumnTypes,
): Promise<Table> {
  const values: Record<string, unknown[]> = Object.fromEntries(
    Object.keys(columns ?? {}).map((name) => [name, []]),
  )
  const types: Record<string, ColumnType> = { ...columns }
  let count = 0
  for await (const row of rows) {
    for (const [name, value] of Object.entries(row as Row)) {
      if (columns === undefined) types[name] ??= typeOfValue(value) as ColumnType
      // A column that begins later was null until then.
      values[name] ??= Array.from({ length: count }, () => null)
      values[name][count] = value ?? null
    }
    count += 1
  }
  const make = arrow.vectorFromArray as unknown as (data: unknown[], type: unknown) => unknown
  const vectors = Object.entries(values).map(([name, column]) => {
    const type = types[name] ?? 'string'
    const filled = Array.from({ length: count }, (_, index) => toArrow(column[index] ?? null, type))
    return [name, make(filled, arrowType(arrow, type))]
  })
  const constructor = arrow.Table as unknown as new (data: object) => Table
  return new constructor(Object.fromEntries(vectors) as object)
}

function columnType(name: string, type: string): ColumnType {
  if (name === '__proto__') {
    throw new DatasetError('The Arrow column "__proto__" is refused: rows of Arrow lose it.', {
      code: 'UNSUPPORTED',
    })
  }
  // Null: pandas has columns without any value, which have no type of their own.
  if (/^(Large)?Utf8$|^Dictionary<.*Utf8>$|^Null$/.test(type)) return 'string'
  if (/^(Uint|Int)(8|16|32)$/.test(type)) return 'integer'
  if (/^U?[iI]nt64$/.test(type)) return 'bigint'
  if (/^Float(32|64)$/.test(type)) return 'double'
  if (type === 'Bool') return 'boolean'
  if (type.startsWith('Date')) return 'date'
  if (type.startsWith('Timestamp')) return 'timestamp'
  throw new DatasetError(
    `The Arrow column "${name}" has the type ${type}, which no column of a dataset has: cast it to text, numbers, days or instants, or leave it out.`,
    {
      code: 'UNSUPPORTED',
    },
  )
}

/** Stands for a day or an instant that no column can hold. */
const OUTSIDE = Symbol('outside')

function outside(column: string, row: number): DatasetError {
  return new DatasetError(
    `Row ${row} of the Arrow table: column "${column}" is a time that no Date, or no day of the years 1 to 9999, can hold.`,
    { code: 'INVALID_ROW', row, column },
  )
}

function fromArrow(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null
  if (type === 'date' || type === 'timestamp') {
    const instant = value instanceof Date ? value : new Date(Number(value))
    if (Number.isNaN(instant.getTime())) return OUTSIDE
    if (type === 'timestamp') return instant
    const day = instant.toISOString().slice(0, 10)
    return isDay(day) ? day : OUTSIDE
  }
  if (type === 'bigint' && typeof value === 'number') return BigInt(value)
  return value
}

function toArrow(value: unknown, type: ColumnType): unknown {
  if (value === null) return null
  if (type === 'integer' || type === 'bigint') return BigInt(value as number | bigint)
  if (type === 'date') return new Date(`${value as string}T00:00:00Z`)
  return value
}

function arrowType(arrow: ArrowModule<unknown>, type: ColumnType): unknown {
  if (type === 'integer' || type === 'bigint') return new arrow.Int64()
  if (type === 'double') return new arrow.Float64()
  if (type === 'boolean') return new arrow.Bool()
  if (type === 'date') return new arrow.DateDay()
  if (type === 'timestamp') return new arrow.TimestampMillisecond('UTC')
  return new arrow.Utf8()
}
