import type { ChunkSink, DriverInfo, StoreDriver } from './driver.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { Guard } from './guard.ts'
import type { VersionRange } from './ranged-download.ts'

/**
 * Reads part of one version of an object into `sink`; false when there is no such object. Closes the guard, which
 * watches the backend but not the sink.
 */
export async function pourRange(
  driver: StoreDriver,
  key: string,
  { offset, length, ifMatch }: VersionRange,
  sink: ChunkSink,
  guard: Guard,
): Promise<boolean> {
  const options = { ...guard.call, range: { offset, length }, ifMatch }
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
  const accept = (info: DriverInfo): ChunkSink => {
    if (info.etag === ifMatch) return take
    throw new StoreError(`${quoteKey(key)} in ${driver.url} is not the version asked for`, {
      code: 'PRECONDITION_FAILED',
      key,
    })
  }

  async function read(): Promise<boolean> {
    const object = await driver.get(key, options)
    if (object === undefined) return false
    const chunks = object.body[Symbol.asyncIterator]()
    try {
      const taken = accept(object)
      for (;;) {
        const next = await chunks.next()
        if (next.done === true) return true
        await taken(next.value)
      }
    } finally {
      Promise.resolve(chunks.return?.()).catch(() => undefined)
    }
  }

  try {
    const { parallelRead } = driver
    return await guard.wait(parallelRead?.pour?.(key, options, accept) ?? read())
  } catch (error) {
    // What the sink itself threw is its caller's.
    if (refusal !== undefined && !guard.call.signal.aborted) throw refusal.error
    throw guard.explain(error)
  } finally {
    guard.close()
  }
}
