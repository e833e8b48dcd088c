import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Store, StoreBody } from '../store.ts'
import { listKeys, read, rejects, rejectsWith, sampleBytes } from './case.ts'
import type { Case } from './case.ts'

/** Whatever goes wrong, the old content stays and nothing partial appears. */
export const failureCases: readonly Case[] = [
  {
    name: 'a body that fails writes nothing and rejects with its own error',
    async run(store) {
      await store.put('old', 'old')
      for (const at of [0, 1, 300_000, 6_000_000]) {
        const reason = new Error(`source failed at ${at}`)
        for (const key of ['old', 'fresh'])
          await rejectsWith(store.put(key, failing(at, reason)), reason)
      }
      await untouched(store)
    },
  },
  {
    name: 'a Node stream that fails before it is read rejects, and never crashes',
    async run(store) {
      for (const key of ['fresh', '../refused']) {
        const body = createReadStream('no/such/file')
        const error: unknown = await store.put(key, body).catch((reason: unknown) => reason)
        const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
        assert.equal(code, key === 'fresh' ? 'ENOENT' : 'INVALID_KEY')
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
      assert.deepEqual(await listKeys(store), [])
    },
  },
  {
    name: 'a body of another length than declared writes nothing',
    async run(store) {
      await store.put('old', 'old')
      const bytes = sampleBytes(200_000)
      for (const size of [0, 199_999, 200_001]) {
        for (const key of ['old', 'fresh']) {
          await rejects(store.put(key, bytes, { size }), 'LENGTH_MISMATCH', key)
          await rejects(store.put(key, pieces(bytes), { size }), 'LENGTH_MISMATCH', key)
        }
      }
      await rejects(store.put('fresh', '', { size: 1 }), 'LENGTH_MISMATCH', 'fresh')
      await rejects(store.put('fresh', 'x', { size: -1 }), 'INVALID_ARGUMENT', 'fresh')
      await untouched(store)
      await store.put('fresh', pieces(bytes), { size: 200_000 })
      assert.ok((await read(store, 'fresh')).equals(bytes))
    },
  },
  {
    name: 'a body of another SHA-256 than declared writes nothing',
    async run(store) {
      await store.put('old', 'old')
      const bytes = sampleBytes(200_000)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const wrong = createHash('sha256').update('').digest('hex')
      for (const key of ['old', 'fresh']) {
        await rejects(store.put(key, bytes, { sha256: wrong }), 'DIGEST_MISMATCH', key)
        await rejects(store.put(key, pieces(bytes), { sha256: wrong }), 'DIGEST_MISMATCH', key)
      }
      await rejects(store.put('fresh', '', { sha256 }), 'DIGEST_MISMATCH', 'fresh')
      await rejects(store.put('fresh', '', { sha256: 'abc' }), 'INVALID_ARGUMENT', 'fresh')
      await untouched(store)
      await store.put('fresh', pieces(bytes), { sha256, size: 200_000 })
      assert.ok((await read(store, 'fresh')).equals(bytes))
      await store.put('empty', '', { sha256: wrong.toUpperCase() })
      assert.equal((await store.head('empty'))?.size, 0)
    },
  },
  {
    name: 'a body that uses one buffer again and again is written as it was given',
    async run(store) {
      const sha256 = createHash('sha256')
        .update(Buffer.from('a'.repeat(9) + 'b'.repeat(9)))
        .digest('hex')
      for (const options of [{}, { sha256 }]) {
        await store.put('k', reusing(['a', 'b']), options)
        assert.equal((await read(store, 'k')).toString(), 'a'.repeat(9) + 'b'.repeat(9))
      }
    },
  },
  {
    name: 'every method rejects with the reason of a signal that is aborted already',
    async run(store) {
      await store.put('k', 'old')
      const reason = new Error('not even begun')
      const options = { signal: AbortSignal.abort(reason) }
      await rejectsWith(store.get('k', options), reason)
      await rejectsWith(store.head('k', options), reason)
      await rejectsWith(store.put('k', 'new', options), reason)
      await rejectsWith(store.copy('k', 'to', options), reason)
      await rejectsWith(store.delete('k', options), reason)
      await rejectsWith(store.delete(['k'], options), reason)
      await rejectsWith(store.download('k', 'never-written', options), reason)
      await rejectsWith(store.upload('never-read', 'k', options), reason)
      await rejectsWith(store.list(options)[Symbol.asyncIterator]().next(), reason)
      assert.equal((await read(store, 'k')).toString(), 'old')
      assert.deepEqual(await listKeys(store), ['k'])
    },
  },
  {
    name: 'an abort during put rejects promptly with its reason and writes nothing',
    async run(store) {
      await store.put('old', 'old')
      for (const at of [0, 1, 3, 40]) {
        for (const key of ['old', 'fresh']) {
          const controller = new AbortController()
          const reason = { at }
          const body = endless((count) => {
            if (count === at) controller.abort(reason)
          })
          const started = performance.now()
          await rejectsWith(store.put(key, body, { signal: controller.signal }), reason)
          assert.ok(performance.now() - started < 5_000, 'prompt')
        }
      }
      await untouched(store)
    },
  },
  {
    name: 'an abort ends a put whose body never comes',
    async run(store) {
      const reason = new Error('waited enough')
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 20)
      const never: StoreBody = (async function* () {
        yield 'begun'
        await new Promise(() => undefined)
      })()
      await rejectsWith(store.put('fresh', never, { signal: controller.signal }), reason)
      assert.equal(await store.head('fresh'), undefined)
    },
  },
  {
    name: 'an abort ends a body that is being read, and a cancelled body lets go',
    async run(store) {
      await store.put('k', sampleBytes(4_000_000))
      const controller = new AbortController()
      const reason = new Error('read enough')
      const object = await store.get('k', { signal: controller.signal })
      const reader = object?.body.getReader()
      assert.ok(reader !== undefined && !(await reader.read()).done)
      controller.abort(reason)
      await rejectsWith(reader.read(), reason)
      const other = await store.get('k')
      await other?.body.cancel()
      await store.delete('k')
    },
  },
  {
    name: 'progress counts up to the size',
    async run(store) {
      const seen: number[] = []
      const totals = new Set<number | undefined>()
      const onProgress = (progress: { bytes: number; total: number | undefined }): void => {
        seen.push(progress.bytes)
        totals.add(progress.total)
      }
      await store.put('k', sampleBytes(3_000_000), { onProgress })
      await store.put('k', pieces(sampleBytes(3_000_000)), { onProgress, size: 3_000_000 })
      await store.copy('k', 'to', { onProgress })
      await new Response((await store.get('k', { onProgress }))?.body).arrayBuffer()
      assert.ok(seen.length >= 4 && seen.every((bytes) => bytes > 0 && bytes <= 3_000_000))
      assert.equal(seen.filter((bytes) => bytes === 3_000_000).length, 4)
      assert.deepEqual([...totals], [3_000_000])
      const reason = new Error('a failing listener')
      const fail = (): never => {
        throw reason
      }
      await rejectsWith(store.put('fresh', 'x', { onProgress: fail }), reason)
      assert.equal(await store.head('fresh'), undefined)
      const object = await store.get('k', { onProgress: fail })
      await rejectsWith(new Response(object?.body).arrayBuffer(), reason)
    },
  },
]

async function untouched(store: Store): Promise<void> {
  assert.equal((await read(store, 'old')).toString(), 'old')
  assert.equal(await store.head('fresh'), undefined)
  assert.deepEqual(await listKeys(store), ['old'])
}

async function* failing(at: number, reason: Error): AsyncGenerator<Uint8Array> {
  const step = 100_000
  for (let given = 0; given < at; given += step) yield sampleBytes(Math.min(step, at - given))
  throw reason
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 70_000) {
    yield bytes.subarray(start, start + 70_000)
  }
}

async function* reusing(letters: readonly string[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(9)
  for (const letter of letters) yield buffer.fill(letter)
  buffer.fill('!')
}

async function* endless(before: (count: number) => void): AsyncGenerator<Uint8Array> {
  for (let count = 0; ; count++) {
    before(count)
    await new Promise((resolve) => setImmediate(resolve))
    yield sampleBytes(50_000, count + 1)
  }
}
