import { checkInfo } from './check-info.ts'
import type { ChunkSink, DriverObject, StoreDriver } from './driver.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { Guard } from './guard.ts'
import { guardedStream } from './guarded-stream.ts'
import { rangeLength } from './range.ts'
import type { ByteRange, Digest, GetOptions, ObjectInfo } from './store.ts'
import { digestOf, publicInfo } from './write.ts'

/** An object that was opened. Its content is to be taken in one of two ways, or let go. */
export interface OpenedObject {
  readonly info: ObjectInfo
  /** Of the whole content, when the backend has told one. */
  readonly digest: Digest | undefined
  /** The content as a stream, which checks the digest where it has the whole. */
  stream(onProgress?: GetOptions['onProgress']): ReadableStream<Uint8Array>
  /** Gives the content to a sink. The guard watches the backend but not the sink. */
  pour(sink: ChunkSink): Promise<void>
  /** Frees the connection when the content was not taken. */
  release(): void
}

/**
 * Opens an object; undefined when there is none. Rejects with `PRECONDITION_FAILED` when it is not the version asked
 * for. The guard is closed with the content, or when there is none to take.
 */
export async function openObject(
  driver: StoreDriver,
  key: string,
  { range, ifMatch }: { range?: ByteRange | undefined; ifMatch?: string | undefined },
  guard: Guard,
): Promise<OpenedObject | undefined> {
  const opening = (async () => driver.get(key, { ...guard.call, range, ifMatch }))()
  let object: DriverObject | undefined
  try {
    object = await guard.wait(opening)
    if (object !== undefined) checkInfo(object)
  } catch (error) {
    guard.close()
    opening.then((late) => late && letGo(late)).catch(() => undefined)
    throw guard.explain(error)
  }
  if (object === undefined) {
    guard.close()
    return undefined
  }
  const opened = object
  let isTaken = false
  const release = (): void => {
    if (isTaken) return
    isTaken = true
    guard.close()
    letGo(opened)
  }
  if (ifMatch !== undefined && opened.etag !== ifMatch) {
    release()
    throw new StoreError(`${quoteKey(key)} in ${driver.url} is not the version asked for`, {
      code: 'PRECONDITION_FAILED',
      key,
    })
  }
  const length = rangeLength(range, opened.size)
  const digest = digestOf(opened)
  return {
    info: publicInfo(opened),
    digest,
    stream(onProgress) {
      isTaken = true
      const whole = length === opened.size ? digest : undefined
      return guardedStream(opened, { key, guard, length, digest: whole, onProgress })
    },
    pour(sink) {
      isTaken = true
      return pour(opened, sink, guard)
    },
    release,
  }
}

function letGo({ body }: DriverObject): void {
  Promise.resolve(body[Symbol.asyncIterator]().return?.()).catch(() => undefined)
}

async function pour(object: DriverObject, sink: ChunkSink, guard: Guard): Promise<void> {
  let refusal: { readonly error: unknown } | undefined
  const refuse = (error: unknown): never => {
    refusal ??= { error }
    throw error
  }
  const take: ChunkSink = (chunk) => {
    guard.call.touch()
    try {
      const taking = sink(chunk)
      return taking && guard.waitForCaller(taking.catch(refuse))
    } catch (error) {
      return refuse(error)
    }
  }

  async function iterate(): Promise<void> {
    const chunks = object.body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await chunks.next()
        if (next.done === true) return
        await take(next.value)
      }
    } finally {
      Promise.resolve(chunks.return?.()).catch(() => undefined)
    }
  }

  try {
    await guard.wait(object.pour?.(take) ?? iterate())
  } catch (error) {
    // What the sink itself threw is its caller's.
    if (refusal !== undefined && !guard.call.signal.aborted) throw refusal.error
    throw guard.explain(error)
  } finally {
    guard.close()
  }
}
