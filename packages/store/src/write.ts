import type { Source } from './body.ts'
import { checkInfo } from './check-info.ts'
import { createDigest } from './digest.ts'
import type { DriverInfo, DriverPut, StoreDriver } from './driver.ts'
import { isStoreError, StoreError } from './errors.ts'
import { createGuard } from './guard.ts'
import type { Digest, ObjectInfo, PutOptions, PutResult } from './store.ts'

// Kept with an object, hidden from callers: which write made it, and what its content must be.
const writeIdName = 'prefect-ts-write-id'
const sha256Name = 'prefect-ts-content-sha256'

/** Metadata names that the core keeps for itself. */
export const reservedNames: readonly string[] = [writeIdName, sha256Name]

/**
 * The metadata that a driver is to keep: the caller's and, where the backend keeps any, our own. The digest is that of
 * the caller or, of a content that is in memory, one of ours: a stream's is not known before it has been sent.
 */
export async function metadataToKeep(
  driver: StoreDriver,
  call: PutOptions,
  { bytes }: Source,
): Promise<Record<string, string>> {
  const metadata: Record<string, string> = { ...call.metadata }
  if (!driver.capabilities.metadata) return metadata
  metadata[writeIdName] = crypto.randomUUID()
  if (call.sha256 !== undefined) metadata[sha256Name] = call.sha256.toLowerCase()
  else if (bytes !== undefined) {
    const digest = await createDigest('sha256')
    digest.update(bytes)
    metadata[sha256Name] = digest.hex()
  }
  return metadata
}

/** The digest to check a content against, when one is known. */
export function digestOf(info: DriverInfo): Digest | undefined {
  const sha256 = info.metadata[sha256Name]
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) {
    return { algorithm: 'sha256', hex: sha256 }
  }
  return info.digest
}

/** What callers see of an object. */
export function publicInfo(info: DriverInfo): ObjectInfo {
  const { size, etag, lastModified, contentType } = info
  const metadata = { ...info.metadata }
  for (const name of reservedNames) delete metadata[name]
  return { size, etag, lastModified, contentType, metadata }
}

/** Whether an object is what this very write has made. */
export function isOwnWrite(found: DriverInfo, { metadata }: DriverPut): boolean {
  const writeId = metadata[writeIdName]
  return writeId !== undefined && found.metadata[writeIdName] === writeId
}

/**
 * Finds out what a failed copy has done: resolves when the target is what the source is, else throws the error. A copy
 * that is repeated does no harm, so an error stays what it is.
 */
export async function resolveCopy(
  error: unknown,
  from: string,
  to: string,
  { driver, stallTimeoutMs }: UnsureCopy,
): Promise<PutResult> {
  if (!isStoreError(error, ...unsureCopyCodes)) throw error
  const copied = await readBack(driver, Math.ceil(stallTimeoutMs / 2), async (head) => {
    const source = await head(from)
    const found = await head(to)
    return source !== undefined && found !== undefined && isCopy(source, found) ? found : undefined
  })
  if (copied === undefined) throw error
  return copied
}

/** What `find` finds, whose looks at objects share a limit; undefined when it fails: the error at hand says more. */
async function readBack(
  driver: StoreDriver,
  limitMs: number,
  find: (head: (key: string) => Promise<DriverInfo | undefined>) => Promise<DriverInfo | undefined>,
): Promise<PutResult | undefined> {
  const guard = createGuard(() => 'Cannot read back', undefined, undefined, limitMs)
  try {
    const found = await find((key) => guard.wait(driver.head(key, guard.call)))
    return found && { etag: checkInfo(found).etag, size: found.size }
  } catch {
    return undefined
  } finally {
    guard.close()
  }
}

// Not after a stall: a store that has just kept us waiting does not get the time again.
const unsureCopyCodes = [
  'UNAVAILABLE',
  'IO_ERROR',
  'OUTCOME_UNKNOWN',
  'PRECONDITION_FAILED',
] as const

/** What `resolveCopy` needs of a store. */
export type UnsureCopy = Pick<Unsure, 'driver' | 'stallTimeoutMs'>

function isCopy(source: DriverInfo, found: DriverInfo): boolean {
  const writeId = source.metadata[writeIdName]
  if (source.size !== found.size) return false
  return writeId === undefined
    ? source.etag === found.etag
    : found.metadata[writeIdName] === writeId
}

/** What is tried when a write failed in a way that does not say whether it was done. */
export interface Unsure {
  readonly driver: StoreDriver
  readonly key: string
  readonly options: DriverPut
  /** Whether the backend may have had all that it needs to do the write. */
  readonly sent: boolean
  readonly stallTimeoutMs: number
}

/**
 * Finds out what a failed write has done: resolves with its result when the object carries the write's id, else throws
 * the error. A lost reply also hides behind "exists already", which is what its repetition is told. A conditional write
 * that stalled becomes `OUTCOME_UNKNOWN`: repeating it could report a false conflict.
 */
export async function resolveOutcome(error: unknown, unsure: Unsure): Promise<PutResult> {
  const { driver, key, options, sent, stallTimeoutMs } = unsure
  if (!sent || !isStoreError(error, ...unsureCodes)) throw error
  const writeId = options.metadata[writeIdName]
  if (writeId !== undefined) {
    // A store that has just kept us waiting does not get the full time again.
    const limitMs = Math.ceil(stallTimeoutMs / (error.code === 'STALLED' ? 10 : 2))
    const written = await readBack(driver, limitMs, async (head) => {
      const found = await head(key)
      return found !== undefined && isOwnWrite(found, options) ? found : undefined
    })
    if (written !== undefined) return written
  }
  const isConditional = options.ifAbsent || options.ifMatch !== undefined
  if (!isConditional || error.code !== 'STALLED') throw error
  throw new StoreError(
    `${error.message}. Whether it was written could not be found out: read the object before writing again`,
    { code: 'OUTCOME_UNKNOWN', key, cause: error },
  )
}

const unsureCodes = [
  'OUTCOME_UNKNOWN',
  'ALREADY_EXISTS',
  'PRECONDITION_FAILED',
  'STALLED',
  'UNAVAILABLE',
  'IO_ERROR',
] as const
