import { isSecret } from '@prefect-ts/api'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'
import type { Place } from './secret-fields.ts'
import { inside } from './secret-fields.ts'

/**
 * Checks one value and returns it typed, or throws a `BlockError` that names the place. Plain
 * functions and no schema library: see "Cold start" in the package's README.
 */
export type Reader<Value> = (value: unknown, place: Place) => Value

/** A reader for each field of a type. */
export type Readers<Data> = { readonly [Field in keyof Data]-?: Reader<Data[Field]> }

/** The error for a value of another shape: says what kind of value it is, never which. */
export function mismatch(place: Place, expected: string, found: string): BlockError {
  return new BlockError(
    `Block "${place.block}": field "${place.field}" should be ${expected}, found ${found}.`,
    { code: 'INVALID_DATA', block: place.block },
  )
}

/** The kind of a value, in words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (isSecret(value)) return 'a secret'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A string. A `Secret` is opened: the server marks a field secret that this type has as text. */
export const text: Reader<string> = (value, place) => {
  const plain: unknown = isSecret(value) ? value.reveal() : value
  if (typeof plain !== 'string') throw mismatch(place, 'a string', kindOf(value))
  return plain
}

/** A number. */
export const number: Reader<number> = (value, place) => {
  if (typeof value !== 'number') throw mismatch(place, 'a number', kindOf(value))
  return value
}

/** A whole number. */
export const integer: Reader<number> = (value, place) => {
  if (Number.isInteger(value)) return value as number
  throw mismatch(place, 'a whole number', typeof value === 'number' ? 'a fraction' : kindOf(value))
}

/** True or false. */
export const flag: Reader<boolean> = (value, place) => {
  if (typeof value !== 'boolean') throw mismatch(place, 'a boolean', kindOf(value))
  return value
}

/** A JSON object with any fields. */
export const anyFields: Reader<Record<string, unknown>> = (value, place) => {
  if (!isFields(value)) throw mismatch(place, 'an object', kindOf(value))
  return { ...value }
}

/** Any JSON value. */
export const anyJson: Reader<unknown> = (value, place) => {
  if (value === undefined) throw mismatch(place, 'any JSON value', kindOf(value))
  return value
}

/** One of a few values. */
export function oneOf<const Value extends string | number>(...values: Value[]): Reader<Value> {
  return (value, place) => {
    const known = values.find((each) => each === value)
    if (known !== undefined) return known
    const expected = values.map((each) => JSON.stringify(each)).join(' or ')
    const found = kindOf(value)
    throw mismatch(place, expected, found === kindOf(values[0]) ? `${found} of its own` : found)
  }
}

/** A list. */
export function list<Value>(reader: Reader<Value>): Reader<Value[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw mismatch(place, 'an array', kindOf(value))
    return value.map((item, index) => reader(item, inside(place, `${index}`)))
  }
}

/** A JSON object whose values are all of one kind. */
export function record<Value>(reader: Reader<Value>): Reader<Record<string, Value>> {
  return (value, place) => {
    const entries = Object.entries(anyFields(value, place))
    return Object.fromEntries(entries.map(([key, item]) => [key, reader(item, inside(place, key))]))
  }
}

type Kind = 'boolean' | 'number' | 'object' | 'string'

/** A value of several kinds: the reader for the kind that it is. */
export function byKind<Read extends { readonly [kind in Kind]?: Reader<unknown> }>(
  readers: Read,
): Reader<Read[keyof Read] extends Reader<infer Value> ? Value : never>
export function byKind(readers: Readonly<Record<string, Reader<unknown>>>): Reader<unknown> {
  return (value, place) => {
    // A secret was a string to the server.
    const reader = readers[isSecret(value) ? 'string' : (kindOf(value).split(' ')[1] ?? '')]
    if (reader !== undefined) return reader(value, place)
    const kinds = Object.keys(readers).map((kind) => `${kind === 'object' ? 'an' : 'a'} ${kind}`)
    throw mismatch(place, kinds.join(' or '), kindOf(value))
  }
}

/** What `reader` reads; `null` where the field is null, `fallback` where it is missing. */
export function nullable<Value>(
  reader: Reader<Value>,
  fallback: unknown = null,
): Reader<Value | null> {
  return (value, place) => {
    const given = value === undefined ? fallback : value
    return given === null ? null : reader(given, place)
  }
}

/** What `reader` reads, from `fallback` where the field is missing. */
export function withDefault<Value>(reader: Reader<Value>, fallback: unknown): Reader<Value> {
  return (value, place) => reader(value === undefined ? fallback : value, place)
}

/** An object with known fields; fields that are not known are kept as they are. */
export function object<Data>(readers: Readers<Data>): Reader<Data>
export function object(readers: Readers<Fields>): Reader<Fields> {
  return (value, place) => {
    if (!isFields(value)) throw mismatch(place, 'an object', kindOf(value))
    return readFields(value, readers, place)
  }
}

/** Applies `readers` to their fields of `data` and keeps all the others. */
export function readFields(data: Fields, readers: Readers<Fields>, place: Place): Fields {
  const result: Record<string, unknown> = { ...data }
  for (const [field, reader] of Object.entries(readers)) {
    result[field] = reader(data[field], inside(place, field))
  }
  return result
}
