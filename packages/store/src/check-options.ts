import { quoteKey, StoreError } from './errors.ts'
import { reservedNames } from './write.ts'
import type { ByteRange, PutOptions, StoreCallOptions, StoreCapabilities } from './store.ts'

/**
 * Refuses, with `INVALID_ARGUMENT`, options that every call or several have and that are of a wrong kind. A backend's
 * client may take such a one for none: with `ifMatch: null` one writer would overwrite another.
 */
export function checkCall(call: StoreCallOptions, key?: string): void {
  const options: unknown = call
  const refuse = (reason: string): StoreError => invalid(reason, key)
  if (typeof options !== 'object' || options === null) throw refuse('they are no object')
  const { signal, onProgress, ifAbsent, ifMatch } = options as Readonly<Record<string, unknown>>
  if (!isNone(signal) && !isSignal(signal)) throw refuse('signal is no AbortSignal')
  if (!isNone(onProgress) && typeof onProgress !== 'function') {
    throw refuse('onProgress is no function')
  }
  if (ifAbsent !== undefined && typeof ifAbsent !== 'boolean') {
    throw refuse('ifAbsent is neither true nor false')
  }
  const isEtag = typeof ifMatch === 'string' && /^[\x21-\x7e]+$/.test(ifMatch) && ifMatch !== '*'
  if (ifMatch !== undefined && !isEtag) throw refuse('ifMatch is no etag')
}

/** Refuses, with `INVALID_ARGUMENT`, what can't be the path of a file or folder. */
export function checkPath(path: unknown, name: string, key?: string): void {
  if (typeof path === 'string' && !path.includes('\0')) return
  const kind = typeof path === 'string' ? 'holds NUL' : `is ${path === null ? 'null' : typeof path}`
  const subject = key === undefined ? '' : ` for ${quoteKey(key)}`
  const message = `The ${name}${subject} ${kind}, not a path`
  throw new StoreError(message, { code: 'INVALID_ARGUMENT', key })
}

/** Refuses, with `UNSUPPORTED`, options that the store can't honour, and with `INVALID_ARGUMENT` impossible ones. */
export function checkPut(options: PutOptions, capabilities: StoreCapabilities, where: Where): void {
  const { ifAbsent, ifMatch, contentType, metadata = {}, size, sha256 } = options
  if (ifAbsent === true) need(capabilities, 'ifAbsent', where)
  if (ifMatch !== undefined) need(capabilities, 'ifMatch', where)
  if (ifAbsent === true && ifMatch !== undefined) {
    throw invalid('ifAbsent and ifMatch exclude each other', where.key)
  }
  if (!isRecord(metadata)) throw invalid('metadata is no plain object', where.key)
  const names = Object.entries(metadata)
  if (contentType !== undefined || names.length > 0) need(capabilities, 'metadata', where)
  if (contentType !== undefined && !isPrintable(contentType)) {
    throw invalid('contentType is not printable ASCII', where.key)
  }
  for (const [name, value] of names) checkMetadata(name, value, where.key)
  if (size !== undefined && !isCount(size)) {
    throw invalid(`size ${String(size)} is no byte count`, where.key)
  }
  checkDigest(sha256, where)
}

function checkMetadata(name: string, value: unknown, key: string): void {
  if (!/^[a-z0-9-]+$/.test(name)) {
    throw invalid(`metadata name ${JSON.stringify(name)} is not made of a-z, 0-9 and "-"`, key)
  }
  if (reservedNames.includes(name)) {
    throw invalid(`metadata name "${name}" is kept by the store itself`, key)
  }
  if (value !== '' && (!isPrintable(value) || value.trim() !== value)) {
    throw invalid(`metadata "${name}" is not printable ASCII without outer spaces`, key)
  }
}

/** Refuses a digest that is no SHA-256 in hex. */
export function checkDigest(sha256: string | undefined, where: Where): void {
  if (sha256 === undefined) return
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256)) return
  throw invalid('sha256 is not 64 hex digits', where.key)
}

/** Refuses a range that the store can't read, or that is none. */
export function checkRange(
  range: ByteRange | undefined,
  capabilities: StoreCapabilities,
  where: Where,
): void {
  if (range === undefined) return
  need(capabilities, 'range', where)
  if (isRecord(range) && countsOf(range)?.every(isCount) === true) return
  const text = JSON.stringify(range, (_name, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  throw invalid(`range ${text} is not made of byte counts`, where.key)
}

/** The numbers of a range; undefined when they are those of two kinds of ranges. */
function countsOf(range: Readonly<Record<string, unknown>>): unknown[] | undefined {
  const { offset, length, suffixLength } = range
  if (!('suffixLength' in range)) return length === undefined ? [offset] : [offset, length]
  return offset === undefined && length === undefined ? [suffixLength] : undefined
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

function isNone(value: unknown): boolean {
  return value === undefined || value === null
}

function isSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'throwIfAborted' in value
}

/** Arrays, maps and headers have other entries than their properties, or none. */
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value)
}

function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)
}

function invalid(reason: string, key: string | undefined): StoreError {
  const subject = key === undefined ? '' : ` for ${quoteKey(key)}`
  return new StoreError(`Options${subject} are refused: ${reason}`, {
    code: 'INVALID_ARGUMENT',
    key,
  })
}
