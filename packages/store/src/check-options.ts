import { quoteKey, StoreError } from './errors.ts'
import { reservedNames } from './write.ts'
import type { ByteRange, PutOptions, StoreCapabilities } from './store.ts'

/** Refuses, with `UNSUPPORTED`, options that the store can't honour, and with `INVALID_ARGUMENT` impossible ones. */
export function checkPut(options: PutOptions, capabilities: StoreCapabilities, where: Where): void {
  const { ifAbsent, ifMatch, contentType, metadata = {}, size, sha256 } = options
  if (ifAbsent === true) need(capabilities, 'ifAbsent', where)
  if (ifMatch !== undefined) need(capabilities, 'ifMatch', where)
  if (ifAbsent === true && ifMatch !== undefined) {
    throw invalid('ifAbsent and ifMatch exclude each other', where)
  }
  const names = Object.entries(metadata)
  if (contentType !== undefined || names.length > 0) need(capabilities, 'metadata', where)
  if (contentType !== undefined && !/^[\x20-\x7e]+$/.test(contentType)) {
    throw invalid('contentType is not printable ASCII', where)
  }
  for (const [name, value] of names) {
    if (!/^[a-z0-9-]+$/.test(name)) {
      throw invalid(`metadata name ${JSON.stringify(name)} is not made of a-z, 0-9 and "-"`, where)
    }
    if (reservedNames.includes(name)) {
      throw invalid(`metadata name "${name}" is kept by the store itself`, where)
    }
    if (typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value) || value.trim() !== value) {
      throw invalid(`metadata "${name}" is not printable ASCII without outer spaces`, where)
    }
  }
  if (size !== undefined && !isCount(size)) throw invalid(`size ${size} is no byte count`, where)
  checkDigest(sha256, where)
}

/** Refuses a digest that is no SHA-256 in hex. */
export function checkDigest(sha256: string | undefined, where: Where): void {
  if (sha256 === undefined || /^[0-9a-f]{64}$/i.test(sha256)) return
  throw invalid('sha256 is not 64 hex digits', where)
}

/** Refuses a range that the store can't read, or that is none. */
export function checkRange(
  range: ByteRange | undefined,
  capabilities: StoreCapabilities,
  where: Where,
): void {
  if (range === undefined) return
  need(capabilities, 'range', where)
  if (typeof range !== 'object' || (range as unknown) === null) {
    throw invalid(`range ${JSON.stringify(range)} is not made of byte counts`, where)
  }
  const numbers = 'suffixLength' in range ? [range.suffixLength] : [range.offset, range.length ?? 0]
  if (!numbers.every(isCount)) {
    throw invalid(`range ${JSON.stringify(range)} is not made of byte counts`, where)
  }
}

/** How many bytes a range has of an object of `size` bytes. */
export function rangeLength(range: ByteRange | undefined, size: number): number {
  if (range === undefined) return size
  if ('suffixLength' in range) return Math.min(range.suffixLength, size)
  return Math.min(range.length ?? Infinity, Math.max(0, size - range.offset))
}

/** Rejects with `UNSUPPORTED` unless the store has the capability. */
export function need(
  capabilities: StoreCapabilities,
  name: keyof StoreCapabilities,
  where: Where,
): void {
  if (capabilities[name]) return
  const message = `${where.url} can't do it for ${quoteKey(where.key)}: it lacks the capability "${name}"`
  throw new StoreError(message, { code: 'UNSUPPORTED', key: where.key })
}

/** The store and object concerned, for messages. */
export interface Where {
  readonly url: string
  readonly key: string
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function invalid(reason: string, where: Where): StoreError {
  const message = `Options for ${quoteKey(where.key)} are refused: ${reason}`
  return new StoreError(message, { code: 'INVALID_ARGUMENT', key: where.key })
}
