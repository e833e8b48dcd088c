import { createStore } from './create-store.ts'
import type { CreateStoreOptions } from './create-store.ts'
import type { DriverPut, StoreDriver } from './driver.ts'
import { quoteKey, StoreError } from './errors.ts'
import type { ByteRange, ObjectInfo, PutResult, Store } from './store.ts'

const partAndRangeSize = 1024 * 1024

interface Stored extends ObjectInfo {
  readonly bytes: Uint8Array
}

/**
 * A store in this process's memory with every capability: the reference that the conformance suite describes, and
 * a stand-in for tests. Its objects are gone with it.
 */
export function createMemoryStore(options: CreateStoreOptions = {}): Store {
  return createStore(createMemoryDriver(), options)
}

/** The driver of `createMemoryStore`. Its parts and ranges are small, so that small tests meet several of them. */
export function createMemoryDriver(): StoreDriver {
  const url = `memory://${crypto.randomUUID()}/`
  const objects = new Map<string, Stored>()
  const uploads = new Map<string, Map<number, Uint8Array>>()
  let version = 0

  function save(
    key: string,
    bytes: Uint8Array,
    kept: Pick<DriverPut, 'contentType' | 'metadata'>,
  ): PutResult {
    const etag = `"${++version}"`
    const { contentType, metadata } = kept
    const lastModified = new Date()
    objects.set(key, {
      bytes,
      size: bytes.byteLength,
      etag,
      lastModified,
      contentType,
      metadata: { ...metadata },
    })
    return { etag, size: bytes.byteLength }
  }

  function check(key: string, { ifAbsent, ifMatch }: DriverPut): void {
    if (ifAbsent) checkAbsent(key)
    if (ifMatch !== undefined && objects.get(key)?.etag !== ifMatch) {
      const message = `Cannot write ${quoteKey(key)} in ${url}: it is not the version asked for`
      throw new StoreError(message, { code: 'PRECONDITION_FAILED', key })
    }
  }

  function checkAbsent(key: string): void {
    if (!objects.has(key)) return
    const message = `Cannot write ${quoteKey(key)} in ${url}: it exists already`
    throw new StoreError(message, { code: 'ALREADY_EXISTS', key })
  }

  return {
    url,
    capabilities: { ifAbsent: true, ifMatch: true, metadata: true, range: true, signUrl: false },
    locate: (key) => url + key.split('/').map(encodeURIComponent).join('/'),
    head(key) {
      const found = objects.get(key)
      return Promise.resolve(found && infoOf(found))
    },
    get(key, { range }) {
      const found = objects.get(key)
      return Promise.resolve(found && { ...infoOf(found), body: chunksOf(cut(found.bytes, range)) })
    },
    async put(key, body, call) {
      const bytes = await collect(body)
      call.signal.throwIfAborted()
      // From here to the end nothing waits: check and write are one step.
      check(key, call)
      return save(key, bytes, call)
    },
    multipart: {
      partSize: partAndRangeSize,
      maxParts: 10_000,
      concurrency: 3,
      begin() {
        const id = crypto.randomUUID()
        uploads.set(id, new Map())
        return Promise.resolve(id)
      },
      part(_key, id, { number, bytes }) {
        uploads.get(id)?.set(number, Uint8Array.from(bytes))
        return Promise.resolve(String(number))
      },
      async complete(key, id, tags, call) {
        const parts = uploads.get(id)
        const bytes = Buffer.concat(tags.map((tag) => parts?.get(Number(tag)) ?? new Uint8Array()))
        check(key, call)
        uploads.delete(id)
        return save(key, bytes, call)
      },
      abort(_key, id) {
        uploads.delete(id)
        return Promise.resolve()
      },
    },
    parallelRead: { rangeSize: partAndRangeSize, concurrency: 3 },
    async *list(prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix))
      for (const key of keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
        const found = objects.get(key)
        if (found === undefined) continue
        const { size, etag, lastModified } = found
        yield { key, size, etag, lastModified }
      }
    },
    delete(keys) {
      for (const key of keys) objects.delete(key)
      return Promise.resolve()
    },
    async copy(from, to, { ifAbsent }) {
      const found = objects.get(from)
      if (found === undefined) return undefined
      if (ifAbsent) checkAbsent(to)
      return save(to, found.bytes, found)
    },
  }
}

function infoOf({ size, etag, lastModified, contentType, metadata }: Stored): ObjectInfo {
  return { size, etag, lastModified, contentType, metadata: { ...metadata } }
}

function cut(bytes: Uint8Array, range: ByteRange | undefined): Uint8Array {
  if (range === undefined) return bytes
  if ('suffixLength' in range) {
    return bytes.subarray(Math.max(0, bytes.byteLength - range.suffixLength))
  }
  const { offset, length = Infinity } = range
  return bytes.subarray(offset, Math.min(offset + length, bytes.byteLength))
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 256 * 1024
  // Copies: what the reader does to its chunks must not change the object.
  for (let start = 0; start < bytes.byteLength; start += size)
    yield bytes.slice(start, start + size)
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}
