import { setImmediate } from 'node:timers/promises'
import { isStoreError } from '@prefect-ts/store'
import type { Entry, Store, StoreObject } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { testStore } from '@prefect-ts/store/testing'
import { describe, expect, it } from 'vitest'
import { collect } from './faulty-driver.ts'

/** Runs those conformance cases that have a name to look for; resolves with the names of the ones that fail. */
async function failures(createStore: () => Store, names = /./): Promise<string[]> {
  const cases: { name: string; run: () => Promise<void> }[] = []
  testStore({ createStore, test: (name, run) => cases.push({ name, run }) })
  const chosen = cases.filter(({ name }) => names.test(name))
  expect(chosen).not.toEqual([])
  const failed: string[] = []
  for (const { name, run } of chosen) {
    await run().catch(() => failed.push(name))
  }
  return failed
}

/** Memory store with some methods replaced. */
function broken(change: (store: Store) => Partial<Store>): () => Store {
  return () => {
    const store = createMemoryStore()
    return { ...store, ...change(store) }
  }
}

async function bytesOf(object: StoreObject | undefined): Promise<Buffer> {
  return Buffer.concat(await collect(object?.body))
}

async function* relist(
  store: Store,
  options: Parameters<Store['list']>[0],
  change: (entries: Entry[]) => Entry[],
): AsyncGenerator<Entry> {
  yield* change(await collect(store.list(options)))
}

const mutants: Record<string, [() => Store, string]> = {
  'loses the last byte of a put': [
    broken((store) => ({
      async put(key, body, options) {
        await store.put(key, body, options)
        const bytes = await bytesOf(await store.get(key))
        return await store.put(key, bytes.subarray(0, -1))
      },
    })),
    '65536 bytes come back as they were written',
  ],
  'throws for an absent object': [
    broken((store) => ({
      async get(key, options) {
        const object = await store.get(key, options)
        if (object === undefined) throw new Error('NoSuchKey')
        return object
      },
    })),
    'an absent object is undefined to get and head',
  ],
  'ignores ranges': [
    broken((store) => ({
      get: (key, options) => store.get(key, { ...options, range: undefined }),
    })),
    'ranges: exact, open, past the end, suffix',
  ],
  'ignores ifMatch of get': [
    broken((store) => ({
      get: (key, options) => store.get(key, { ...options, ifMatch: undefined }),
    })),
    'get with ifMatch reads that version only',
  ],
  'ignores ifAbsent': [
    broken((store) => ({
      put: (key, body, options) => store.put(key, body, { ...options, ifAbsent: false }),
    })),
    'ifAbsent writes once, or is refused',
  ],
  'checks ifAbsent before it writes, not while': [
    broken((store) => ({
      async put(key, body, options = {}) {
        if (options.ifAbsent === true && (await store.head(key)) !== undefined) {
          return await store.put(key, body, options)
        }
        return await store.put(key, body, { ...options, ifAbsent: false })
      },
    })),
    'of concurrent writers with ifAbsent exactly one wins',
  ],
  'checks ifMatch before it writes, not while': [
    broken((store) => ({
      async put(key, body, options = {}) {
        const { ifMatch, ...rest } = options
        if (ifMatch === undefined || (await store.head(key))?.etag !== ifMatch) {
          return await store.put(key, body, options)
        }
        await setImmediate()
        return await store.put(key, body, rest)
      },
    })),
    'five writers counting ten times each by ifMatch reach fifty',
  ],
  'takes what it does not declare': [
    broken((store) => ({
      capabilities: {
        ifAbsent: false,
        ifMatch: false,
        metadata: false,
        range: false,
        signUrl: false,
      },
      put: (key, body, options) => store.put(key, body, options),
    })),
    'content type and metadata are kept, or refused',
  ],
  'drops metadata when it copies': [
    broken((store) => ({
      async copy(from, to) {
        const object = await store.get(from)
        if (object === undefined) return await store.copy(from, to)
        return await store.put(to, object.body)
      },
    })),
    'content type and metadata are kept, or refused',
  ],
  'folds Unicode': [
    broken((store) => ({
      get: (key, options) => store.get(key.normalize('NFC'), options),
      put: (key, body, options) => store.put(key.normalize('NFC'), body, options),
    })),
    'hostile keys keep their own content and are listed as they are',
  ],
  'decodes keys': [
    broken((store) => ({
      put: (key, body, options) => store.put(key.replaceAll('+', ' '), body, options),
      get: (key, options) => store.get(key.replaceAll('+', ' '), options),
    })),
    'hostile keys keep their own content and are listed as they are',
  ],
  'writes dangerous keys': [
    broken((store) => ({
      put: (key, body, options) => store.put(key.replace('../', 'up/'), body, options),
    })),
    'dangerous keys are refused by every method',
  ],
  'stops listing at 1,000': [
    broken((store) => ({
      list: (options) => relist(store, options, (entries) => entries.slice(0, 1000)),
    })),
    'more than a thousand keys are listed completely, in byte order',
  ],
  'lists in UTF-16 order': [
    broken((store) => ({
      list: (options) =>
        relist(store, options, (entries) => entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))),
    })),
    'byte order is that of UTF-8, not of UTF-16 or of folders',
  ],
  'takes prefixes for folders': [
    broken((store) => ({
      list: (options = {}) =>
        relist(store, {}, (entries) =>
          entries.filter(({ key }) =>
            `${key}/`.startsWith(`${options.prefix ?? ''}/`.replace(/^\/|\/\/$/, '')),
          ),
        ),
    })),
    'prefixes are characters, not folders',
  ],
  'fails to delete what is absent': [
    broken((store) => ({
      async delete(keys, options) {
        if (typeof keys === 'string' && (await store.head(keys)) === undefined)
          throw new Error('404')
        await store.delete(keys, options)
      },
    })),
    'delete removes one and many, and absent ones without an error',
  ],
  'keeps what it had when the body fails': [
    broken((store) => ({
      async put(key, body, options) {
        const chunks: Uint8Array[] = []
        try {
          return await store.put(key, body, options)
        } catch (error) {
          if (isStoreError(error)) throw error
          await store.put(key, Buffer.concat(chunks))
          throw error
        }
      },
    })),
    'a body that fails writes nothing and rejects with its own error',
  ],
  'ignores declared sizes': [
    broken((store) => ({
      put: (key, body, options) => store.put(key, body, { ...options, size: undefined }),
    })),
    'a body of another length than declared writes nothing',
  ],
  'ignores digests': [
    broken((store) => ({
      put: (key, body, options) => store.put(key, body, { ...options, sha256: undefined }),
    })),
    'a body of another SHA-256 than declared writes nothing',
  ],
  'ignores signals': [
    broken((store) => ({ head: (key) => store.head(key) })),
    'every method rejects with the reason of a signal that is aborted already',
  ],
  'rejects with an error of its own on abort': [
    broken((store) => ({
      put: (key, body, options) =>
        store.put(key, body, options).catch((error: unknown) => {
          throw isStoreError(error) ? error : new Error('AbortError')
        }),
    })),
    'an abort during put rejects promptly with its reason and writes nothing',
  ],
  'shows half of a content': [
    broken((store) => ({
      async put(key, body, options) {
        if (typeof body === 'object' && Symbol.asyncIterator in body && options === undefined) {
          const chunks = await collect(body as AsyncIterable<Uint8Array>)
          await store.put(key, Buffer.concat(chunks.slice(0, 1)))
          await setImmediate()
          await setImmediate()
          return await store.put(key, Buffer.concat(chunks))
        }
        return await store.put(key, body, options)
      },
    })),
    'readers beside writers see one whole content or the other',
  ],
  'says nothing of progress': [
    broken((store) => ({
      put: (key, body, options) => store.put(key, body, { ...options, onProgress: undefined }),
    })),
    'progress counts up to the size',
  ],
  'says nothing of how far a body is read': [
    broken((store) => ({
      get: (key, options) => store.get(key, { ...options, onProgress: undefined }),
    })),
    'progress counts up to the size',
  ],
  'uploads whatever the file has become': [
    broken((store) => ({
      async upload(file, key, options) {
        const { createReadStream } = await import('node:fs')
        return await store.put(key, createReadStream(file), options)
      },
    })),
    'a file that grows or shrinks during upload is refused',
  ],
  'takes no conditions for large bodies': [
    broken((store) => ({
      async put(key, body, options = {}) {
        const isStream = typeof body === 'object' && !ArrayBuffer.isView(body)
        return await store.put(key, body, isStream ? { ...options, ifAbsent: false } : options)
      },
    })),
    'conditions hold for large bodies too',
  ],
  'stops reading a large body at its size': [
    broken((store) => ({
      async put(key, body) {
        const chunks = await collect(body as AsyncIterable<Uint8Array>).catch(() => [])
        return await store.put(key, chunks.length === 0 ? body : Buffer.concat(chunks))
      },
    })),
    'a large body that fails, is of another length or digest, or is aborted writes nothing',
  ],
  'says that it verified and did not': [
    broken((store) => ({
      async download(key, file, options) {
        const result = await store.download(key, file, { ...options, sha256: undefined })
        return { ...result, verified: true }
      },
    })),
    'a large download is whole and counts up, and says whether it was verified',
  ],
  'signs URLs for nothing': [
    broken((store) => ({ capabilities: { ...store.capabilities, signUrl: true } })),
    'a signed URL reads and writes one object, or is refused',
  ],
  'downloads in place': [
    broken((store) => ({
      async download(key, file, options) {
        const { writeFile } = await import('node:fs/promises')
        const object = await store.get(key, options)
        if (object === undefined) return await store.download(key, file, options)
        await writeFile(file, object.body)
        return await store.download(key, file, options)
      },
    })),
    'a failing download leaves the old file and nothing else',
  ],
}

describe('the conformance suite', () => {
  it('passes the reference', async () => {
    expect(await failures(() => createMemoryStore())).toEqual([])
  })

  it.each(Object.entries(mutants))('fails a store that %s', async (_, [createStore, caught]) => {
    const names = new RegExp(`^${caught.replaceAll('.', '[.]')}$`)
    expect(await failures(createStore, names)).toEqual([caught])
  })
})
