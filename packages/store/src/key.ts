import { quoteKey, StoreError } from './errors.ts'

/** A driver's own rule: the reason why it refuses a key, or undefined when the key is fine. */
export type KeyRule = (key: string) => string | undefined

const dotSegment = /(?:^|\/)\.\.?(?:\/|$)/

/** Refuses, with `INVALID_KEY`, a key that some backend would read as another key, as a folder or as nothing. */
export function checkKey(key: unknown, rule: KeyRule | undefined): asserts key is string {
  const reason = typeof key === 'string' ? reasonAgainst(key, rule) : 'it is not a string'
  if (reason === undefined) return
  throw new StoreError(`Key ${quoteKey(key)} is refused: ${reason}`, {
    code: 'INVALID_KEY',
    key: typeof key === 'string' ? key : undefined,
  })
}

/** Whether a name that a listing found is a key of the store: other tools may have put others there. */
export function isKey(name: string, rule?: KeyRule): boolean {
  return reasonAgainst(name, rule) === undefined
}

/** Like `checkKey` for the start of keys: may be empty, and its last segment may be cut anywhere. */
export function checkPrefix(prefix: unknown): asserts prefix is string {
  let reason: string | undefined
  if (typeof prefix !== 'string') reason = 'it is not a string'
  else if (prefix !== '') reason = reasonAgainst(`${prefix}x`, undefined)
  if (reason === undefined) return
  throw new StoreError(`Prefix ${quoteKey(prefix)} is refused: ${reason}`, { code: 'INVALID_KEY' })
}

function reasonAgainst(key: string, rule: KeyRule | undefined): string | undefined {
  if (key === '') return 'it is empty'
  if (key.startsWith('/')) return 'it starts with "/" (keys are relative to the store)'
  if (key.includes('\0')) return 'it holds a NUL character'
  if (!key.isWellFormed()) return 'it holds half of a surrogate pair, which UTF-8 cannot express'
  if (dotSegment.test(key)) return 'it has a "." or ".." segment'
  return rule?.(key)
}

/** Orders keys by their UTF-8 bytes. UTF-16 order differs only where surrogates meet other characters. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return weight(left) - weight(right)
  }
  return a.length - b.length
}

function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
