import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { ByteRange, StoreBody } from '../store.ts'
import { drain, read, rejects, sampleBytes } from './case.ts'
import type { Case } from './case.ts'

const sizes = [0, 1, 65_536, 1_000_003, 8 * 1024 * 1024]

/** What is written is what is read. */
export const contentCases: readonly Case[] = [
  {
    name: 'an absent object is undefined to get and head',
    async run(store) {
      assert.equal(await store.get('absent'), undefined)
      assert.equal(await store.head('absent'), undefined)
      assert.equal(await store.get('absent', { ifMatch: '"x"' }), undefined)
    },
  },
  ...(sizes.map((size) => ({
    name: `${size} bytes come back as they were written`,
    run: async (store) => {
      const bytes = sampleBytes(size)
      const written = await store.put('data.bin', bytes)
      assert.equal(written.size, size)
      const object = await store.get('data.bin')
      assert.ok(object !== undefined)
      assert.ok((await drain(object.body)).equals(bytes), 'content is the same')
      const head = await store.head('data.bin')
      assert.ok(head !== undefined)
      for (const info of [object, head]) {
        assert.equal(info.size, size)
        assert.equal(info.etag, written.etag)
        assert.ok(info.lastModified instanceof Date)
        assert.ok(Math.abs(info.lastModified.getTime() - Date.now()) < 3_600_000, 'clock is near')
      }
    },
  })) satisfies Case[]),
  {
    name: 'every form of body is accepted',
    async run(store) {
      const text = 'zażółć 😀\n'
      const bytes = new TextEncoder().encode(text)
      const [first, second] = [bytes.slice(0, 5), bytes.slice(5)]
      const wide = new Uint16Array([1, 2, 3])
      const padded = new Uint8Array([0, ...bytes, 0]).subarray(1, bytes.byteLength + 1)
      const forms: Record<string, StoreBody> = {
        text,
        bytes,
        view: padded,
        buffer: Buffer.from(bytes),
        arrayBuffer: bytes.buffer.slice(0),
        blob: new Blob([text]),
        webStream: new Blob([text]).stream(),
        nodeReadable: Readable.from([first, second]),
        asyncIterable: (async function* () {
          yield first
          yield new Uint8Array()
          yield second
        })(),
        textIterable: (async function* () {
          yield 'zażółć '
          yield '😀\n'
        })(),
      }
      for (const [name, body] of Object.entries(forms)) {
        await store.put(name, body)
        assert.equal((await read(store, name)).toString(), text, name)
      }
      await store.put('wide', wide)
      assert.ok((await read(store, 'wide')).equals(Buffer.from(wide.buffer)))
    },
  },
  {
    name: 'a body that is none is refused',
    async run(store) {
      const bodies: unknown[] = [undefined, null, 5, {}, [1, 2], '\ud800']
      for (const body of bodies) {
        // @ts-expect-error: what an untyped caller may pass
        await rejects(store.put('k', body), 'INVALID_ARGUMENT', 'k')
      }
      const ended = Readable.from([sampleBytes(3)])
      await drain(ended)
      await rejects(store.put('k', ended), 'INVALID_ARGUMENT', 'k')
      assert.equal(await store.head('k'), undefined)
    },
  },
  {
    name: 'overwriting replaces the whole content and the etag',
    async run(store) {
      const old = await store.put('k', sampleBytes(100_000))
      const now = await store.put('k', 'short')
      assert.notEqual(now.etag, old.etag)
      assert.equal((await read(store, 'k')).toString(), 'short')
      assert.equal((await store.head('k'))?.etag, now.etag)
    },
  },
  {
    name: 'get with ifMatch reads that version only',
    async run(store) {
      const old = await store.put('k', 'old')
      const same = await store.get('k', { ifMatch: old.etag })
      assert.equal((await drain(same?.body ?? new Blob([]).stream())).toString(), 'old')
      await store.put('k', 'new!')
      await rejects(store.get('k', { ifMatch: old.etag }), 'PRECONDITION_FAILED', 'k')
    },
  },
  {
    name: 'ranges: exact, open, past the end, suffix',
    async run(store) {
      const bytes = sampleBytes(1000)
      await store.put('k', bytes)
      const range = (wanted: ByteRange) => store.get('k', { range: wanted })
      if (!store.capabilities.range) return await rejects(range({ offset: 0 }), 'UNSUPPORTED', 'k')
      const expected: [ByteRange, Uint8Array][] = [
        [{ offset: 0, length: 10 }, bytes.subarray(0, 10)],
        [{ offset: 990 }, bytes.subarray(990)],
        [{ offset: 990, length: 50 }, bytes.subarray(990)],
        [{ offset: 5, length: 0 }, bytes.subarray(0, 0)],
        [{ offset: 1000 }, bytes.subarray(0, 0)],
        [{ offset: 5000, length: 5 }, bytes.subarray(0, 0)],
        [{ suffixLength: 7 }, bytes.subarray(993)],
        [{ suffixLength: 0 }, bytes.subarray(0, 0)],
        [{ suffixLength: 5000 }, bytes],
      ]
      for (const [wanted, part] of expected) {
        const object = await range(wanted)
        assert.ok(object !== undefined)
        assert.ok((await drain(object.body)).equals(part), JSON.stringify(wanted))
        assert.equal(object.size, 1000, 'size is that of the whole object')
      }
      for (const wanted of [{ offset: -1 }, { offset: 0.5 }, { offset: 0, length: NaN }]) {
        await rejects(range(wanted), 'INVALID_ARGUMENT', 'k')
      }
      assert.equal(await store.get('absent', { range: { suffixLength: 1 } }), undefined)
    },
  },
  {
    name: 'content type and metadata are kept, or refused',
    async run(store) {
      const kept = {
        contentType: 'text/csv',
        metadata: { 'prefect-ts-rundate': '2013-01-01', n: '' },
      }
      if (!store.capabilities.metadata) {
        const { contentType, metadata } = kept
        await rejects(store.put('k', 'x', { contentType }), 'UNSUPPORTED', 'k')
        await rejects(store.put('k', 'x', { metadata }), 'UNSUPPORTED', 'k')
        await store.put('k', 'x', { metadata: {} })
        assert.deepEqual({ ...(await store.head('k'))?.metadata }, {})
        return
      }
      await store.put('k', 'x', kept)
      await store.copy('k', 'copy')
      for (const key of ['k', 'copy']) {
        const object = await store.get(key)
        await object?.body.cancel()
        for (const info of [object, await store.head(key)]) {
          assert.equal(info?.contentType, kept.contentType)
          assert.deepEqual({ ...info?.metadata }, kept.metadata)
        }
      }
      await store.put('k', 'y')
      assert.deepEqual({ ...(await store.head('k'))?.metadata }, {}, 'a put replaces metadata')
      for (const metadata of [{ Upper: 'x' }, { 'a b': 'x' }, { a: 'ż' }, { a: 'x\ny' }]) {
        await rejects(store.put('k', 'z', { metadata }), 'INVALID_ARGUMENT', 'k')
      }
    },
  },
  {
    name: 'copy copies, overwrites, and rejects when there is nothing to copy',
    async run(store) {
      const bytes = sampleBytes(300_000)
      await store.put('from', bytes)
      await store.put('to', 'old')
      const result = await store.copy('from', 'to')
      assert.equal(result.size, bytes.byteLength)
      assert.ok((await read(store, 'to')).equals(bytes))
      assert.equal((await store.head('to'))?.etag, result.etag)
      await store.copy('from', 'from')
      assert.ok((await read(store, 'from')).equals(bytes))
      await rejects(store.copy('absent', 'to'), 'NOT_FOUND', 'absent')
      assert.ok((await read(store, 'to')).equals(bytes))
      const second = store.copy('from', 'to', { ifAbsent: true })
      await rejects(second, store.capabilities.ifAbsent ? 'ALREADY_EXISTS' : 'UNSUPPORTED', 'to')
    },
  },
  {
    name: 'delete removes one and many, and absent ones without an error',
    async run(store) {
      const keys = ['a', 'b/c', 'b/d', 'e']
      for (const key of keys) await store.put(key, key)
      await store.delete('a')
      assert.equal(await store.head('a'), undefined)
      await store.delete('a')
      await store.delete('never/was')
      await store.delete(['b/c', 'a', 'e'])
      await store.delete([])
      assert.equal(await store.head('b/c'), undefined)
      assert.equal(await store.head('e'), undefined)
      assert.equal((await read(store, 'b/d')).toString(), 'b/d')
      await rejects(store.delete(['b/d', '../x']), 'INVALID_KEY', '../x')
      assert.equal((await read(store, 'b/d')).toString(), 'b/d', 'nothing goes when one is refused')
    },
  },
]
