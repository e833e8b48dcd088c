import { ApiError } from './errors.ts'
import { createSecret, type Secret } from './secret.ts'
import { tableOf } from './settings-file.ts'

// Every parser takes a value, and the place that it stands in. It accepts what Prefect accepts, which
// is what pydantic does: texts, and the numbers and booleans of TOML and JSON. An error names the
// place, never the value.

/** A text, `undefined` for null. */
export function parseText(value: unknown, place: string): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'string') throw invalid(place, 'must be a text')
  return value
}

/** `user:password`, whose password is a secret on its own too; an empty text is none. */
export function parseUserinfo(text: string): Secret | undefined {
  if (text === '') return undefined
  createSecret(text.slice(text.indexOf(':') + 1))
  return createSecret(text)
}

/** `1/true/t/yes/y/on` and `0/false/f/no/n/off` in any case. */
export function parseBoolean(value: unknown, place: string): boolean {
  if (/^(?:1|true|t|yes|y|on)$/i.test(scalarText(value))) return true
  if (/^(?:0|false|f|no|n|off)$/i.test(scalarText(value))) return false
  throw invalid(place, 'must be true or false')
}

/** A whole number from 0. */
export function parseCount(value: unknown, place: string): number {
  const number = wholeNumber(value)
  if (!(number >= 0)) throw invalid(place, 'must be a whole number from 0')
  return number
}

/** A whole number from 1. */
export function parseSize(value: unknown, place: string): number {
  const number = wholeNumber(value)
  if (!(number >= 1)) throw invalid(place, 'must be a whole number above 0')
  return number
}

/** A number from 0. */
export function parseFactor(value: unknown, place: string): number {
  const number = anyNumber(value)
  if (!(number >= 0)) throw invalid(place, 'must be a number from 0')
  return number
}

/** Seconds to milliseconds; `inf` is no limit. */
export function parseSeconds(value: unknown, place: string): number {
  const seconds = anyNumber(value)
  if (!(seconds > 0)) throw invalid(place, 'must be a number above 0')
  return seconds * 1000
}

/** Statuses as `404`, `404, 500`, `[404, 500]` or a TOML array, ascending; an empty text is none. */
export function parseStatuses(value: unknown, place: string): number[] {
  const decoded = typeof value === 'string' ? (decodeJson(value) ?? value) : value
  if (!decoded || (tableOf(decoded) && Object.keys(decoded).length === 0)) return []
  const items = typeof decoded === 'string' ? decoded.split(',') : [decoded].flat()
  const statuses = items.map((item) => wholeNumber(item))
  if (!statuses.every((status) => status >= 100 && status <= 599))
    throw invalid(place, 'must be HTTP statuses from 100 to 599, separated by commas')
  return [...new Set(statuses)].toSorted((a, b) => a - b)
}

/** The name of a level, in upper case. */
export function parseLevel(value: unknown, place: string): string {
  const level = typeof value === 'string' ? value.toUpperCase() : ''
  const levels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']
  if (!levels.includes(level)) throw invalid(place, `must be one of ${levels.join(', ')}`)
  return level
}

/** The error of a value that cannot be used. */
export function invalid(place: string, problem: string): ApiError {
  const subject = place.charAt(0).toUpperCase() + place.slice(1)
  return new ApiError(`${subject} ${problem}`, { code: 'INVALID_SETTING' })
}

/** The value of a JSON text; `undefined` when it is none. */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `NaN` for what is no whole number. */
function wholeNumber(value: unknown): number {
  const text = scalarText(value).trim()
  if (!/^[+-]?\d+(?:_\d+)*(?:\.0+)?$/.test(text)) return Number.NaN
  const number = Number(text.replaceAll('_', ''))
  return Number.isSafeInteger(number) ? number : Number.NaN
}

/** `NaN` for what is no number. */
function anyNumber(value: unknown): number {
  const text = scalarText(value).trim()
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text)
  if (infinity) return infinity[1] === '-' ? -Infinity : Infinity
  const decimal = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i
  return decimal.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
}

/** Texts as they are; numbers and booleans as the text of their number; for the rest a text that no parser takes. */
function scalarText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
}
