import { DatasetError, describe } from './errors.ts'
import { isDay } from './today.ts'

/**
 * One partition value: text, a whole number, an instant, or null (`__HIVE_DEFAULT_PARTITION__`).
 * A number must be a safe integer; larger ones go as `bigint` or text. A day goes as text, `YYYY-MM-DD`.
 */
export type PartitionValue = string | number | bigint | Date | null

/**
 * What the values of a partition key are: how they are checked and written, and the type that queries give the column.
 *
 * - `string`: any text but the empty one; digits stay text.
 * - `integer`: 64 bits; a number, a `bigint`, or decimal text without leading zeros.
 * - `date`: a day, `YYYY-MM-DD`.
 * - `timestamp`: a `Date`, or text with its offset (`2013-01-31T06:00:00Z`, up to six decimals). Its directory is in UTC, as DuckDB
 *   writes it: `2013-01-31 06:00:00`, without closing zeros of a fraction.
 *
 * Each takes null as well.
 */
export type PartitionType = 'string' | 'integer' | 'date' | 'timestamp'

/** Every partition type. */
export const PARTITION_TYPES: readonly PartitionType[] = ['string', 'integer', 'date', 'timestamp']

/** The name that Hive, DuckDB and pyarrow give the directory of a null value. */
export const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/
const INTEGER = /^(0|-?[1-9]\d{0,18})$/
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})$/
const MAX_SEGMENT_BYTES = 255

/** The partition keys below `rundate`. */
export interface PartitionLayout {
  /** `key=value` directories in the order given, escaped as DuckDB and pyarrow escape them. */
  readonly segments: readonly string[]
  /** The type of every key: as declared, else by its value. */
  readonly types: Readonly<Record<string, PartitionType>>
}

const NO_PARTITIONS: PartitionLayout = { segments: [], types: Object.freeze({}) }

/** Checks and lays out the partition keys. Throws `INVALID_DATASET`. */
export function layOutPartitions(
  partitions: Readonly<Record<string, PartitionValue>> | undefined,
  declared: Readonly<Record<string, PartitionType>> = {},
  dataset: string,
): PartitionLayout {
  if (partitions === undefined) {
    if (Object.keys(declared).length === 0) return NO_PARTITIONS
    return layOutPartitions({}, declared, dataset)
  }
  // A Map, or values that are inherited, would be written as a dataset without partitions.
  const prototype: unknown = Object.getPrototypeOf(partitions)
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalid(dataset, 'partitions must be a plain object of values by key')
  }
  for (const [key, type] of Object.entries(declared)) {
    if (!PARTITION_TYPES.includes(type)) {
      const choices = PARTITION_TYPES.map((choice) => `"${choice}"`).join(', ')
      throw invalid(
        dataset,
        `the type of partition "${key}" must be ${choices}, got ${describe(type)}`,
      )
    }
    if (!Object.hasOwn(partitions, key)) {
      throw invalid(dataset, `partition ${describe(key)} has a type but no value`)
    }
  }
  // Hive readers match column names case-insensitively, so `Day` and `day` would be one column.
  const taken = new Set(['dataset', 'rundate'])
  const types: [string, PartitionType][] = []
  const segments = Object.entries(partitions).map(([key, value]) => {
    if (!KEY.test(key)) {
      throw invalid(dataset, `partition key ${describe(key)} is not letters, digits and "_"`)
    }
    if (taken.has(key.toLowerCase())) {
      throw invalid(dataset, `partition key "${key}" is already taken (case does not count)`)
    }
    taken.add(key.toLowerCase())
    const type = Object.hasOwn(declared, key) ? declared[key] : undefined
    types.push([key, type ?? typeOf(value)])
    return segment(key, escapeValue(key, value, type, dataset), dataset)
  })
  return { segments, types: Object.freeze(Object.fromEntries(types)) }
}

/** One path segment `key=value`, refused when no file system could hold it. */
export function segment(key: string, escaped: string, dataset: string): string {
  const text = `${key}=${escaped}`
  if (text.length > MAX_SEGMENT_BYTES) {
    throw invalid(
      dataset,
      `"${key}=…" is ${text.length} bytes long as a directory name; the limit is ${MAX_SEGMENT_BYTES}`,
    )
  }
  return text
}

function typeOf(value: PartitionValue): PartitionType {
  if (typeof value === 'number' || typeof value === 'bigint') return 'integer'
  return value instanceof Date ? 'timestamp' : 'string'
}

function escapeValue(
  key: string,
  value: PartitionValue,
  type: PartitionType | undefined,
  dataset: string,
): string {
  if (value === null) return NULL_PARTITION
  if (type === 'integer' || typeof value === 'number' || typeof value === 'bigint') {
    return integerText(key, value, type, dataset)
  }
  if (type === 'timestamp' || value instanceof Date) {
    return encode(timestampText(key, value, type, dataset))
  }
  if (type === 'date') {
    if (isDay(value)) return value
    throw wrong(dataset, key, 'a day like "2013-01-01" or null', value)
  }
  if (typeof value !== 'string') {
    throw wrong(dataset, key, 'text, a whole number, a Date or null', value)
  }
  if (value === '') throw invalid(dataset, `partition "${key}" is empty; use null for "no value"`)
  if (value === NULL_PARTITION) {
    throw invalid(dataset, `partition "${key}" is the text that stands for null; use null itself`)
  }
  if (!value.isWellFormed()) {
    throw invalid(
      dataset,
      `partition "${key}" holds half a surrogate pair, which UTF-8 cannot hold`,
    )
  }
  if (value.includes('\0')) {
    throw invalid(dataset, `partition "${key}" holds a NUL character, which ends a path`)
  }
  return encode(value)
}

function integerText(
  key: string,
  value: PartitionValue,
  type: PartitionType | undefined,
  dataset: string,
): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw invalid(
      dataset,
      `partition "${key}" must be a safe integer when it is a number; give other numbers as text`,
    )
  }
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  if (!isNumber || (type !== undefined && type !== 'integer')) {
    if (type !== 'integer' || typeof value !== 'string' || !INTEGER.test(value)) {
      throw wrong(dataset, key, `of the type ${type} that is declared for it, or null`, value)
    }
  }
  const integer = BigInt(value)
  if (type === 'integer' && BigInt.asIntN(64, integer) !== integer) {
    throw invalid(dataset, `partition "${key}" does not fit into an integer of 64 bits`)
  }
  return String(integer)
}

function timestampText(
  key: string,
  value: PartitionValue,
  type: PartitionType | undefined,
  dataset: string,
): string {
  const isRightType = type === undefined || type === 'timestamp'
  const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value
  const parts = isRightType && typeof text === 'string' ? INSTANT.exec(text) : null
  if (parts !== null) {
    const [, day, time = '', fraction = '', offset = ''] = parts
    const instant = new Date(`${day}T${time}${offset}`)
    if (isDay(day) && !Number.isNaN(instant.getTime())) {
      const utc = instant.toISOString()
      const rest = fraction.replace(/0+$/, '')
      if (isDay(utc.slice(0, 10))) {
        return utc.slice(0, 19).replace('T', ' ') + (rest === '' ? '' : `.${rest}`)
      }
    }
  }
  const expected = isRightType
    ? 'an instant with its offset, like "2013-01-31T06:00:00Z", or null'
    : `of the type ${type} that is declared for it, or null`
  throw wrong(dataset, key, expected, value)
}

/** The value of an escaped directory text; `undefined` when it is none of the type. */
export function parsePartition(escaped: string, type: PartitionType): PartitionValue | undefined {
  let text: string
  try {
    text = escaped.includes('%') ? decodeURIComponent(escaped) : escaped
  } catch {
    return undefined
  }
  if (type === 'string') return text
  if (type === 'date') return isDay(text) ? text : undefined
  if (type === 'timestamp') {
    const instant = `${text}Z`
    return INSTANT.test(instant) ? instant.replace(' ', 'T') : undefined
  }
  if (!INTEGER.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

function encode(value: string): string {
  // encodeURIComponent leaves these five alone; DuckDB and pyarrow do not.
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function wrong(dataset: string, key: string, expected: string, value: unknown): DatasetError {
  return invalid(dataset, `partition "${key}" must be ${expected}, got ${describe(value)}`)
}

function invalid(dataset: string, reason: string): DatasetError {
  return new DatasetError(`Dataset "${dataset}": ${reason}.`, { code: 'INVALID_DATASET', dataset })
}
