import assert from 'node:assert/strict'
import { isStoreError } from '../errors.ts'
import type { Store } from '../store.ts'
import { drain, read, rejects, sampleBytes } from './case.ts'
import type { Case } from './case.ts'

/** Several writers and readers at once. */
export const conditionCases: readonly Case[] = [
  {
    name: 'ifAbsent writes once, or is refused',
    async run(store) {
      const put = (text: string) => store.put('k', text, { ifAbsent: true })
      if (!store.capabilities.ifAbsent) {
        await rejects(put('x'), 'UNSUPPORTED', 'k')
        assert.equal(await store.head('k'), undefined)
        return
      }
      await put('first')
      await rejects(put('second'), 'ALREADY_EXISTS', 'k')
      assert.equal((await read(store, 'k')).toString(), 'first')
      await store.delete('k')
      await put('third')
      assert.equal((await read(store, 'k')).toString(), 'third')
    },
  },
  {
    name: 'of concurrent writers with ifAbsent exactly one wins',
    async run(store) {
      if (!store.capabilities.ifAbsent) return
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}`
        const bodies = Array.from({ length: 8 }, (_, index) => sampleBytes(50_000, index + 1))
        const outcomes = await Promise.allSettled(
          bodies.map((bytes) => store.put(key, slowly(bytes), { ifAbsent: true })),
        )
        const winners = outcomes.flatMap(({ status }, index) =>
          status === 'fulfilled' ? [index] : [],
        )
        assert.equal(winners.length, 1)
        assert.ok((await read(store, key)).equals(bodies[winners[0] ?? -1] ?? new Uint8Array()))
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') {
            assert.ok(isStoreError(outcome.reason, 'ALREADY_EXISTS'), String(outcome.reason))
          }
        }
      }
    },
  },
  {
    name: 'ifMatch replaces that version only, or is refused',
    async run(store) {
      const old = await store.put('k', 'old')
      const put = (etag: string, key = 'k') => store.put(key, 'new', { ifMatch: etag })
      if (!store.capabilities.ifMatch) {
        await rejects(put(old.etag), 'UNSUPPORTED', 'k')
        assert.equal((await read(store, 'k')).toString(), 'old')
        return
      }
      const now = await put(old.etag)
      await rejects(put(old.etag), 'PRECONDITION_FAILED', 'k')
      await rejects(put(now.etag, 'absent'), 'PRECONDITION_FAILED', 'absent')
      assert.equal(await store.head('absent'), undefined)
      const both = store.put('k', 'x', { ifMatch: now.etag, ifAbsent: true })
      await rejects(both, store.capabilities.ifAbsent ? 'INVALID_ARGUMENT' : 'UNSUPPORTED', 'k')
      assert.equal((await read(store, 'k')).toString(), 'new')
    },
  },
  {
    name: 'five writers counting ten times each by ifMatch reach fifty',
    async run(store) {
      if (!store.capabilities.ifMatch) return
      await store.put('counter', '0')
      await Promise.all(Array.from({ length: 5 }, () => increment(store, 10)))
      assert.equal((await read(store, 'counter')).toString(), '50')
    },
  },
  {
    name: 'readers beside writers see one whole content or the other',
    async run(store) {
      const bodies = [sampleBytes(400_000, 1), sampleBytes(700_001, 2), sampleBytes(3, 3)]
      await store.put('k', bodies[0] ?? '')
      const state = { writing: true }
      const write = async (): Promise<void> => {
        for (let round = 0; round < 12; round++) {
          await store.put('k', slowly(bodies[round % 3] ?? new Uint8Array()))
        }
        state.writing = false
      }
      const watch = async (): Promise<void> => {
        while (state.writing) {
          await new Promise((resolve) => setImmediate(resolve))
          const content = await read(store, 'k').catch((error: unknown) => {
            // A backend may also refuse to go on with what was overwritten, or be found out by the digest
            // (rclone answers with that of one version and the bytes of another), but it must not mix.
            const refused =
              isStoreError(error) && (error.retryable || error.code === 'DIGEST_MISMATCH')
            assert.ok(refused, error as Error)
          })
          if (content !== undefined) check(content)
        }
      }
      const check = (content: Buffer): void => {
        const isWhole = bodies.some((bytes) => content.equals(bytes))
        assert.ok(isWhole, `torn: ${content.length} bytes`)
      }
      await Promise.all([write(), watch(), watch()])
      check(await read(store, 'k'))
    },
  },
  {
    name: 'a body opened before an overwrite is the old content, whole',
    async run(store) {
      const old = sampleBytes(900_000, 1)
      await store.put('k', old)
      const object = await store.get('k')
      assert.ok(object !== undefined)
      await store.put('k', sampleBytes(900_000, 2))
      // A backend may also refuse to go on, but it must not mix.
      const content = await drain(object.body).catch(() => undefined)
      assert.ok(content === undefined || content.equals(old), 'content is of one version')
    },
  },
  {
    name: 'concurrent plain writers leave one whole content',
    async run(store) {
      const bodies = Array.from({ length: 6 }, (_, index) =>
        sampleBytes(100_000 + index, index + 1),
      )
      await Promise.all(bodies.map((bytes) => store.put('k', slowly(bytes))))
      const content = await read(store, 'k')
      assert.ok(bodies.some((bytes) => content.equals(bytes)))
    },
  },
]

async function increment(store: Store, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const object = await store.get('counter')
    assert.ok(object !== undefined)
    const value = Number((await drain(object.body)).toString())
    try {
      await store.put('counter', String(value + 1), { ifMatch: object.etag })
      done++
    } catch (error) {
      if (!isStoreError(error, 'PRECONDITION_FAILED')) throw error
    }
  }
}

// In pieces, with a turn of the event loop between them.
async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const step = Math.max(1, Math.ceil(bytes.byteLength / 4))
  for (let start = 0; start < bytes.byteLength; start += step) {
    await new Promise((resolve) => setImmediate(resolve))
    yield bytes.subarray(start, start + step)
  }
}
