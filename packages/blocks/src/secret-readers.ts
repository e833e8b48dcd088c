import { createSecret, isSecret } from '@prefect-ts/api'
import type { Secret } from '@prefect-ts/api'
import { isFields } from './document.ts'
import type { Fields } from './document.ts'
import { anyFields, anyJson, kindOf, mismatch, text } from './fields.ts'
import type { Reader } from './fields.ts'
import type { Place } from './secret-fields.ts'
import { inside, toSecret, wrapLeaves } from './secret-fields.ts'

/** Prefect's `SecretDict`: every value is a `Secret`, at any depth; an array is one as its JSON text. */
export interface SecretDict {
  [key: string]: Secret | SecretDict | null
}

/** JSON in which the values with a telling name (`secret`, `password`, `token` …) are `Secret`s. */
export type SecretSettings = { [key: string]: SecretSetting }

/** One value of {@link SecretSettings}. */
export type SecretSetting =
  | Secret
  | SecretDict
  | SecretSettings
  | SecretSetting[]
  | string
  | number
  | boolean
  | null

/** A string that must not be shown. */
export const secretText: Reader<Secret> = (value, place) => {
  if (typeof value !== 'string' && !isSecret(value)) {
    throw mismatch(place, 'a secret string', kindOf(value))
  }
  return toSecret(value, place)
}

/** Any JSON value that must not be shown: a string as it is, anything else as its JSON text. */
export const secretJson: Reader<Secret> = (value, place) => toSecret(anyJson(value, place), place)

/** A JSON object of which no value must be shown. */
export const secretDict: Reader<SecretDict> = (value, place) => {
  return wrapLeaves(anyFields(value, place), place) as SecretDict
}

/** A string, or a `Secret` when it is a URL with credentials in it. */
export const urlText: Reader<string | Secret> = (value, place) => {
  const url = text(value, place)
  return hasCredentials(url) || isSecret(value) ? toSecret(url, place) : url
}

/** A JSON object of which the values with a telling name must not be shown. */
export const secretSettings: Reader<SecretSettings> = (value, place) => {
  return wrapSettings(anyFields(value, place), place)
}

/** Names of fsspec and of the SDKs below it. `key` is that of s3fs, `sas` and `account_key` those of adlfs. */
const SECRET_NAME =
  /^(?:key|pkey|.*_sas|sas_.*|credential)$|secret|passw|passphrase|token|(?:api|access|account|private|shared)_?key$|connection_string|authorization/i

function wrapSettings(settings: Fields, place: Place): SecretSettings {
  const entries = Object.entries(settings).map(([name, value]) => {
    const here = inside(place, name)
    if (!SECRET_NAME.test(name) || typeof value === 'boolean')
      return [name, wrapSetting(value, here)]
    return [name, wrapLeaves(value, here)]
  })
  return Object.fromEntries(entries) as SecretSettings
}

function wrapSetting(value: unknown, place: Place): unknown {
  if (isFields(value)) return wrapSettings(value, place)
  if (Array.isArray(value)) {
    return value.map((item, index) => wrapSetting(item, inside(place, `${index}`)))
  }
  return typeof value === 'string' && hasCredentials(value) ? createSecret(value) : value
}

/** `scheme://user:password@…`, and `https://token@…`, as Git hosts take it. */
function hasCredentials(value: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@|https?:\/\/[^/?#]+@)/i.test(value)
}
