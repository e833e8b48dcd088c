import type { DriverObject, StoreDriver } from '@prefect-ts/store'

/** Info that fits any content of the tests. */
export const info: Omit<DriverObject, 'body' | 'size'> = {
  etag: '"1"',
  lastModified: new Date(0),
  contentType: undefined,
  metadata: {},
}

/** A driver whose every call succeeds at once, with some methods replaced. */
export function faultyDriver(change: Partial<StoreDriver>): StoreDriver {
  return {
    url: 'faulty://bucket/',
    capabilities: { ifAbsent: true, ifMatch: true, metadata: true, range: true, signUrl: false },
    locate: (key) => `faulty://bucket/${key}`,
    get: () => Promise.resolve(undefined),
    head: () => Promise.resolve(undefined),
    async put(_key, body) {
      let size = 0
      for await (const chunk of body) size += chunk.byteLength
      return { etag: '"1"', size }
    },
    async *list() {},
    delete: () => Promise.resolve(),
    ...change,
  }
}

/** A promise that never settles: a mute server. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

/** All that an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T> | undefined): Promise<T[]> {
  const all: T[] = []
  if (items !== undefined) for await (const item of items) all.push(item)
  return all
}

/** What a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'it resolved',
    (error: unknown) => error,
  )
}

// The chunks one by one, then perhaps a failure.
export async function* giving(
  chunks: readonly Uint8Array[],
  then?: unknown,
): AsyncGenerator<Uint8Array> {
  yield* chunks
  if (then !== undefined) throw then
}
