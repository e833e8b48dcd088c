import type { RowIssue } from './codec.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError, describe } from './errors.ts'
import { isDay } from './today.ts'

/**
 * Type of a column, and what its values are in a row; each can be null.
 *
 * - `string`: text; digits stay text.
 * - `integer`: a safe integer, as number. Larger ones are refused, never rounded.
 * - `bigint`: an integer of 64 bits, as `bigint`.
 * - `double`: a finite number.
 * - `boolean`: true or false.
 * - `date`: a day, as text `YYYY-MM-DD`.
 * - `timestamp`: an instant, as `Date`; in text ISO 8601 with its offset, written in UTC.
 */
export type ColumnType =
  | 'string'
  | 'integer'
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'

/** Types by column name, in the order of the file's columns. */
export type ColumnTypes = Readonly<Record<string, ColumnType>>

/** Every column type. */
export const COLUMN_TYPES: readonly ColumnType[] = [
  'string',
  'integer',
  'bigint',
  'double',
  'boolean',
  'date',
  'timestamp',
]

/** Column types in DuckDB. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  bigint: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
}

/** Thrown inside a codec for one value; never seen by callers. */
export class BadValue extends Error {}

const INTEGER = /^[+-]?\d+$/
const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/

/** Reads the text of a cell. Throws `BadValue` for text that is none of the type. */
export const fromText: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  string: (text) => text,
  integer(text) {
    const digits = smallInteger(text)
    if (digits !== undefined) return digits
    const value = Number(text)
    if (!INTEGER.test(text)) throw new BadValue('is no integer')
    if (!Number.isSafeInteger(value))
      throw new BadValue('is an integer past 2^53: declare "bigint"')
    return value
  },
  bigint(text) {
    if (!INTEGER.test(text)) throw new BadValue('is no integer')
    return toInt64(BigInt(text.startsWith('+') ? text.slice(1) : text))
  },
  double(text) {
    const value = Number(text)
    if (!isPlainNumber(text) && !DOUBLE.test(text)) throw new BadValue('is no number')
    return finite(value)
  },
  boolean(text) {
    if (text === 'true' || text === 'True' || text === 'TRUE') return true
    if (text === 'false' || text === 'False' || text === 'FALSE') return false
    throw new BadValue('is neither true nor false')
  },
  date(text) {
    if (!isDay(text)) throw new BadValue('is no day like 2013-01-01')
    return text
  },
  timestamp(text) {
    const parts = INSTANT.exec(text)
    // DuckDB writes an offset in hours alone.
    const isoText = text.replace(' ', 'T') + (/^[+-]\d{2}$/.test(parts?.[3] ?? '') ? ':00' : '')
    const value = new Date(parts === null ? Number.NaN : isoText)
    if (Number.isNaN(value.getTime())) {
      throw new BadValue('is no instant with its offset, like 2013-01-01T06:00:00Z')
    }
    return value
  },
}

/** The value of up to 15 digits, which is most of what columns of integers hold; `undefined` for any other text. */
function smallInteger(text: string): number | undefined {
  const { length } = text
  if (length === 0 || length > 15) return undefined
  let value = 0
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

/** Whether `Number` reads text as a csv file means it: digits first, no letter second (0x10), a digit last (no spaces). */
function isPlainNumber(text: string): boolean {
  const first = text.charCodeAt(0)
  const second = text.charCodeAt(1)
  if (!isDigit(text.charCodeAt(text.length - 1))) return false
  if (first === 45) return isDigit(second) && !Number.isNaN(Number(text))
  return (
    isDigit(first) &&
    (Number.isNaN(second) || second === 46 || isDigit(second)) &&
    !Number.isNaN(Number(text))
  )
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Checks a value that is to be written and gives it in one form. Throws `BadValue`. */
export const toColumn: Readonly<Record<ColumnType, (value: unknown) => unknown>> = {
  string(value) {
    if (typeof value !== 'string') throw new BadValue(`is ${kindOf(value)}, not text`)
    if (!value.isWellFormed()) throw new BadValue('holds half a surrogate pair')
    return value
  },
  integer(value) {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number') throw new BadValue(`is ${kindOf(value)}, not an integer`)
    if (!Number.isSafeInteger(number)) throw new BadValue('is no safe integer')
    return number
  },
  bigint(value) {
    if (typeof value === 'bigint') return toInt64(value)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    throw new BadValue(`is ${kindOf(value)}, not an integer`)
  },
  double(value) {
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value)
    if (typeof value !== 'number') throw new BadValue(`is ${kindOf(value)}, not a number`)
    return finite(value)
  },
  boolean(value) {
    if (typeof value !== 'boolean') throw new BadValue(`is ${kindOf(value)}, not a boolean`)
    return value
  },
  date(value) {
    if (!isDay(value)) throw new BadValue(`is ${kindOf(value)}, not a day like 2013-01-01`)
    return value
  },
  timestamp(value) {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value
    throw new BadValue(`is ${kindOf(value)}, not a Date`)
  },
}

/** The text of a value in one of the forms above. */
export function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** What kind of value it is, for messages, which never repeat values. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Fails on a column name that UTF-8 can't hold: it would be written as another. */
export function checkNewNames(names: readonly string[], dataset: Dataset): void {
  const wrong = names.findIndex((name) => !name.isWellFormed())
  if (wrong === -1) return
  throw new DatasetError(
    `Dataset "${dataset.name}": the name of column ${wrong + 1} holds half a surrogate pair.`,
    { code: 'INVALID_SOURCE', dataset: dataset.name },
  )
}

/** The issue of one column. */
export function columnIssue(column: string, error: unknown): RowIssue {
  if (!(error instanceof BadValue)) throw error
  return { column, message: `column "${column}" ${error.message}` }
}

function toInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new BadValue('does not fit into 64 bits')
  return value
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new BadValue('is not a finite number')
  return value
}

/** The type that a value of a row stands for, when none is declared; `undefined` for null and what no column holds. */
export function typeOfValue(value: unknown): ColumnType | undefined {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'bigint'
  if (typeof value === 'number') return 'double'
  return value instanceof Date ? 'timestamp' : undefined
}

/** Fails where a column that is declared is not in the file. */
export function checkNames(names: readonly string[], types: ColumnTypes, dataset: Dataset): void {
  const there = new Set(names)
  const missing = Object.keys(types).filter((name) => !there.has(name))
  if (missing.length === 0) return
  const [first = ''] = missing
  throw new DatasetError(
    `Dataset "${dataset.name}": the file has no column ${missing.map(describe).join(', ')}; ` +
      `it has ${names.slice(0, 50).map(describe).join(', ')}.`,
    { code: 'INVALID_CONTENT', dataset: dataset.name, column: first },
  )
}
