import type { DriverCall, DriverMultipart, DriverPut, StoreDriver } from './driver.ts'
import { isStoreError, quoteKey, StoreError } from './errors.ts'
import { createGuard } from './guard.ts'
import { backOff } from './retry.ts'
import type { PutResult } from './store.ts'
import { isOwnWrite } from './write.ts'
import type { JournalEntry, UploadJournal } from './upload-journal.ts'

/** What `writeParts` needs beside the body. */
export interface WritePartsSettings {
  readonly stallTimeoutMs: number
  readonly journal: UploadJournal | undefined
  /** Told before the last request that can make the object visible. */
  readonly onSent: () => void
}

const attempts = 3
// After these the backend may hold an upload that we know nothing of.
const unsureCodes = ['OUTCOME_UNKNOWN', 'STALLED', 'UNAVAILABLE', 'IO_ERROR'] as const
// How long an upload that is being begun may go on after an abort, which the caller hears of before: only its answer
// says what is to be aborted.
const beginGraceMs = 5_000
// Uniform parts as long as possible, as R2 wants them; only a body of unknown size beyond this many makes them grow.
const growEvery = 1_000

/**
 * Writes a body of any size: one that fits into a part with a single `put`, a larger one in parts, some of them in
 * flight, in memory that does not grow. On failure everything begun is aborted.
 */
export async function writeParts(
  driver: StoreDriver,
  multipart: DriverMultipart,
  key: string,
  body: AsyncIterable<Uint8Array>,
  options: DriverPut,
  settings: WritePartsSettings,
): Promise<PutResult> {
  const { size } = options
  const partSize = Math.max(multipart.partSize, Math.ceil((size ?? 0) / multipart.maxParts))
  const isSmall = size !== undefined && size <= partSize
  const chunks = body[Symbol.asyncIterator]()
  const first = await fill(Buffer.allocUnsafeSlow(isSmall ? size : partSize), chunks, undefined)
  if (first.rest === undefined) {
    settings.onSent()
    const call = { ...options, size: first.bytes.byteLength }
    return await driver.put(key, once(first.bytes), call)
  }
  const upload = createUpload(driver, multipart, key, options, settings)
  try {
    await upload.begin()
    let buffer = first
    for (;;) {
      const isLast = buffer.rest === undefined
      await upload.send(buffer.bytes, isLast)
      if (isLast) break
      const grown = size === undefined ? 2 ** Math.floor(upload.count() / growEvery) : 1
      buffer = await fill(upload.buffer(partSize * grown), chunks, buffer.rest)
    }
    return await confirm(driver, key, options, await upload.complete())
  } catch (error) {
    await upload.abort()
    throw error
  }
}

/** Asks the backend what it now holds: some give another etag than they said, and a length is worth a look. */
async function confirm(
  driver: StoreDriver,
  key: string,
  options: DriverPut,
  result: PutResult,
): Promise<PutResult> {
  const found = await driver.head(key, options).catch(() => undefined)
  // Another writer may have been there since: then this is no longer what was written.
  if (found === undefined || !isOwnWrite(found, options)) return result
  if (found.size === result.size) return { etag: found.etag, size: found.size }
  const message = `${quoteKey(key)} was written with ${result.size} bytes, and ${driver.url} holds ${found.size}`
  throw new StoreError(message, { code: 'LENGTH_MISMATCH', key })
}

interface Filled {
  readonly bytes: Buffer
  /** What came after the buffer was full: undefined at the end of the body. */
  readonly rest: Uint8Array | undefined
}

/** Fills a buffer from `rest` and then from the body. Knows whether more follows. */
async function fill(
  buffer: Buffer,
  chunks: AsyncIterator<Uint8Array>,
  rest: Uint8Array | undefined,
): Promise<Filled> {
  let filled = 0
  let chunk = rest
  for (;;) {
    if (chunk !== undefined) {
      const taken = Math.min(chunk.byteLength, buffer.byteLength - filled)
      buffer.set(taken === chunk.byteLength ? chunk : chunk.subarray(0, taken), filled)
      filled += taken
      if (taken < chunk.byteLength) return { bytes: buffer, rest: chunk.subarray(taken) }
    }
    const next = await chunks.next()
    if (next.done === true) return { bytes: buffer.subarray(0, filled), rest: undefined }
    chunk = next.value
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}

interface Upload {
  begin(): Promise<void>
  /** Sends a part as soon as there is room for one more in flight. */
  send(bytes: Buffer, isLast: boolean): Promise<void>
  /** Memory for the next part. */
  buffer(size: number): Buffer
  /** Parts so far. */
  count(): number
  complete(): Promise<PutResult>
  abort(): Promise<void>
}

function createUpload(
  driver: StoreDriver,
  multipart: DriverMultipart,
  key: string,
  options: DriverPut,
  { stallTimeoutMs, journal, onSent }: WritePartsSettings,
): Upload {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const inFlight = new Set<Promise<void>>()
  const idle: Buffer[] = []
  const tags: string[] = []
  let failure: { readonly error: unknown } | undefined
  let entry: JournalEntry | undefined
  let id: string | undefined
  let number = 0
  let offset = 0

  async function sendPart(bytes: Buffer, at: number, position: number, isLast: boolean) {
    const part = { number: at, offset: position, bytes, isLast }
    for (let attempt = 1; ; attempt++) {
      // A third of the time for each attempt, so that all of them end within the limit.
      const doing = `Cannot write part ${at} of ${quoteKey(key)} in ${driver.url}`
      const guard = createGuard(() => doing, key, signal, stallTimeoutMs / attempts)
      const touch = (): void => {
        guard.call.touch()
        options.touch()
      }
      try {
        const call = { ...options, signal: guard.call.signal, touch }
        tags[at - 1] = await guard.wait(multipart.part(key, id ?? '', part, call))
        options.touch()
        return
      } catch (error) {
        const explained = guard.explain(error)
        const mayRepeat = isStoreError(explained) && explained.retryable && !signal.aborted
        if (!mayRepeat || attempt === attempts) throw explained
        if (explained.code !== 'STALLED') options.touch()
        await backOff(attempt, signal)
      } finally {
        guard.close()
      }
    }
  }

  const room = async (limit: number): Promise<void> => {
    while (inFlight.size > limit) await Promise.race(inFlight)
    if (failure !== undefined) throw failure.error
  }

  return {
    count: () => number,
    buffer(size) {
      const found = idle.findIndex(({ byteLength }) => byteLength === size)
      return (found === -1 ? undefined : idle.splice(found, 1)[0]) ?? Buffer.allocUnsafeSlow(size)
    },
    async begin() {
      entry = await journal?.open(driver, key)
      const late = abortedLater(options.signal, beginGraceMs)
      try {
        id = await multipart.begin(key, { ...options, signal: late.signal })
      } catch (error) {
        const isUnsure = late.signal.aborted || isStoreError(error, ...unsureCodes)
        if (!isUnsure) await entry?.close()
        throw error
      } finally {
        late.close()
      }
      await entry?.begun(id)
      options.signal.throwIfAborted()
    },
    async send(bytes, isLast) {
      await room(multipart.concurrency - 1)
      const [at, position] = [++number, offset]
      offset += bytes.byteLength
      if (isLast) onSent()
      const sending = sendPart(bytes, at, position, isLast)
        .then(() => void idle.push(bytes))
        .catch((error: unknown) => {
          failure ??= { error }
          stop.abort(error)
        })
        .finally(() => inFlight.delete(sending))
      inFlight.add(sending)
    },
    async complete() {
      await room(0)
      const { etag } = await multipart.complete(key, id ?? '', tags, options)
      await entry?.close()
      return { etag, size: offset }
    },
    async abort() {
      stop.abort(new Error('the upload was given up'))
      await Promise.allSettled(inFlight)
      if (id !== undefined && !(await abortUpload(multipart, key, id, stallTimeoutMs))) return
      // Without an id the backend may know an upload that we do not: the sweep looks for it.
      if (id !== undefined) await entry?.close()
    },
  }
}

/** A signal that follows another one after a while. */
function abortedLater(signal: AbortSignal, delayMs: number) {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    timer = setTimeout(() => controller.abort(signal.reason), delayMs)
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    close() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}

/** Aborts with a few attempts; whether it worked. The journal keeps what could not be aborted. */
export async function abortUpload(
  multipart: DriverMultipart,
  key: string,
  id: string,
  stallTimeoutMs: number,
): Promise<boolean> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const guard = createGuard(
      () => 'Cannot abort an upload',
      key,
      undefined,
      stallTimeoutMs / attempts,
    )
    const call: DriverCall = guard.call
    try {
      await guard.wait(multipart.abort(key, id, call))
      return true
    } catch {
      if (attempt < attempts) await backOff(attempt)
    } finally {
      guard.close()
    }
  }
  return false
}
