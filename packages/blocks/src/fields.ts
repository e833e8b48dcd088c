import { isSecret } from '@prefect-ts/api'
import type { Secret } from '@prefect-ts/api'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'
import type { Place } from './secret-fields.ts'
import { inside, toSecret } from './secret-fields.ts'

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

/** A string that must not be shown. */
export const secretText: Reader<Secret> = (value, place) => {
  if (typeof value !== 'string' && !isSecret(value)) {
    throw mismatch(place, 'a secret string', kindOf(value))
  }
  return toSecret(value, place)
}

/** What `reader` reads, or null where the field is null or missing. */
export function nullable<Value>(reader: Reader<Value>): Reader<Value | null> {
  return (value, place) => (value === null || value === undefined ? null : reader(value, place))
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
