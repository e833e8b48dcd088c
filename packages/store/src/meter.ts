import type { Hash } from 'node:crypto'
import { toBytes } from './body.ts'
import type { Source } from './body.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { Progress } from './store.ts'

/** What a content must be, and who wants to know how far it is. */
export interface MeterOptions {
  /** The object, for messages. */
  readonly key: string
  /** Bytes there must be. */
  readonly size?: number | undefined
  /** SHA-256 in hex that it must have. */
  readonly sha256?: string | undefined
  /** Told after every chunk. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Awaits the source, watching for aborts meanwhile. */
  readonly wait?: (<T>(work: Promise<T>) => Promise<T>) | undefined
}

/** A content that is checked while it is read. */
export interface Meter {
  /** The content. Fails before its last chunk when a check fails, so that nobody holds all of a wrong content. */
  readonly body: AsyncIterable<Uint8Array>
  /** What went wrong on the source's side or in a check, boxed; undefined as long as nothing did. */
  failure(): { readonly error: unknown } | undefined
  /** Whether the content was read to its end. */
  ended(): boolean
  /** Lets go of the source, when nobody will read on. */
  release(): void
}

/** Counts and checks what passes. With a digest to check it holds one chunk (a copy) back until it knows the next. */
export function createMeter(source: Source, options: MeterOptions): Meter {
  const { key, size, sha256, onProgress, wait } = options
  let hash: Hash | undefined
  let bytes = 0
  let empty = 0
  let held: Uint8Array | undefined
  let failure: { error: unknown } | undefined
  let ended = false

  async function pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const step = Promise.resolve(source.chunks.next())
      const { done, value } = await (wait === undefined ? step : wait(step))
      if (done === true) return undefined
      const chunk = toBytes(value, key)
      if (chunk.byteLength === 0) {
        // Nothing but these, for ever, would let no timer run, not even that of an abort.
        if (++empty % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      bytes += chunk.byteLength
      if (size !== undefined && bytes > size) throw wrongLength(key, size, 'longer')
      hash?.update(chunk)
      return chunk
    }
  }

  async function next(): Promise<Uint8Array | undefined> {
    let chunk: Uint8Array | undefined
    if (sha256 !== undefined) hash ??= (await import('node:crypto')).createHash('sha256')
    if (hash === undefined) {
      chunk = await pull()
      if (chunk === undefined) finish()
    } else {
      chunk = held ?? copy(await pull())
      held = chunk && copy(await pull())
      if (held === undefined) finish()
    }
    if (chunk !== undefined) onProgress?.({ bytes: bytes - (held?.byteLength ?? 0), total: size })
    return chunk
  }

  function finish(): void {
    if (size !== undefined && bytes < size) throw wrongLength(key, size, `shorter (${bytes})`)
    const digest = hash?.digest('hex')
    if (digest !== undefined && digest !== sha256?.toLowerCase()) {
      throw new StoreError(`Content of ${quoteKey(key)} has the SHA-256 ${digest}, not ${sha256}`, {
        code: 'DIGEST_MISMATCH',
        key,
      })
    }
    ended = true
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      if (failure !== undefined) throw failure.error
      if (ended) return { done: true, value: undefined }
      try {
        const value = await next()
        return value === undefined ? { done: true, value } : { done: false, value }
      } catch (error) {
        failure = { error }
        release(source)
        throw error
      }
    },
    return() {
      release(source)
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return {
    body: { [Symbol.asyncIterator]: () => iterator },
    failure: () => failure,
    ended: () => ended,
    release: () => release(source),
  }
}

/** The chunk in memory of our own: its maker may use the buffer again. */
function copy(chunk: Uint8Array | undefined): Uint8Array | undefined {
  return chunk && Uint8Array.from(chunk)
}

/** Lets go of a source without waiting: one that hangs would hang here too. */
function release({ chunks }: Source): void {
  const end = async (): Promise<unknown> => await chunks.return?.()
  end().catch(() => undefined)
}

function wrongLength(key: string, size: number, how: string): StoreError {
  return new StoreError(`Content of ${quoteKey(key)} is ${how} than the ${size} bytes declared`, {
    code: 'LENGTH_MISMATCH',
    key,
  })
}
