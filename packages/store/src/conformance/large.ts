import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signUrl } from '../sign-url.ts'
import { read, rejects, rejectsWith, sampleBytes } from './case.ts'
import type { Case } from './case.ts'

// More than two parts and ranges of any backend that has them.
const size = 17_000_003

/** Bodies that a backend may take in parts and give in ranges. */
export const largeCases: readonly Case[] = [
  {
    name: 'a large stream of unknown size comes back as it went, with what was kept beside it',
    async run(store) {
      const bytes = sampleBytes(size)
      const kept = store.capabilities.metadata
        ? { contentType: 'text/csv', metadata: { rows: '3' } }
        : { contentType: undefined, metadata: {} }
      const written = await store.put('k', pieces(bytes), kept)
      assert.equal(written.size, size)
      const head = await store.head('k')
      assert.deepEqual(
        { ...head, metadata: { ...head?.metadata } },
        { size, etag: written.etag, lastModified: head?.lastModified, ...kept },
      )
      assert.ok((await read(store, 'k')).equals(bytes))
      await store.put('k', pieces(bytes.subarray(0, 9_000_000)), { size: 9_000_000 })
      assert.ok((await read(store, 'k')).equals(bytes.subarray(0, 9_000_000)))
    },
  },
  {
    name: 'conditions hold for large bodies too',
    async run(store) {
      const { capabilities } = store
      const bytes = sampleBytes(size)
      const old = await store.put('k', 'old')
      if (capabilities.ifAbsent) {
        await rejects(store.put('k', pieces(bytes), { ifAbsent: true }), 'ALREADY_EXISTS', 'k')
        const other = store.put('fresh', pieces(bytes), { ifAbsent: true })
        const settled = other.then(
          () => undefined,
          () => undefined,
        )
        // Begun while there is nothing, ended when there is something.
        const late = pieces(bytes, settled)
        await rejects(store.put('fresh', late, { ifAbsent: true }), 'ALREADY_EXISTS', 'fresh')
        await other
        assert.equal((await store.head('fresh'))?.size, size)
      }
      if (capabilities.ifMatch) {
        const wrong = store.put('k', pieces(bytes), { ifMatch: '"0123456789abcdef"' })
        await rejects(wrong, 'PRECONDITION_FAILED', 'k')
      }
      assert.equal((await read(store, 'k')).toString(), 'old')
      if (!capabilities.ifMatch) return
      await store.put('k', pieces(bytes), { ifMatch: old.etag })
      assert.equal((await store.head('k'))?.size, size)
    },
  },
  {
    name: 'a large body that fails, is of another length or digest, or is aborted writes nothing',
    async run(store) {
      await store.put('k', 'old')
      const bytes = sampleBytes(size)
      const reason = new Error('the source failed')
      const failing = (at: number) => pieces(bytes.subarray(0, at), reason)
      for (const at of [9_000_000, size]) await rejectsWith(store.put('k', failing(at)), reason)
      for (const wrong of [size - 1, size + 1, 8 * 1024 * 1024]) {
        await rejects(store.put('k', pieces(bytes), { size: wrong }), 'LENGTH_MISMATCH', 'k')
      }
      const sha256 = createHash('sha256').update('another').digest('hex')
      await rejects(store.put('k', pieces(bytes), { sha256 }), 'DIGEST_MISMATCH', 'k')
      const controller = new AbortController()
      const { signal } = controller
      const onProgress = (progress: { bytes: number }): void => {
        if (progress.bytes > 12_000_000) controller.abort(reason)
      }
      await rejectsWith(store.put('k', pieces(bytes), { signal, onProgress }), reason)
      assert.equal((await read(store, 'k')).toString(), 'old')
    },
  },
  {
    name: 'a large download is whole and counts up, and says whether it was verified',
    async run(store) {
      const bytes = sampleBytes(size)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const folder = await mkdtemp(join(tmpdir(), 'store-conformance-'))
      const file = join(folder, 'file')
      try {
        const { etag } = await store.put('k', pieces(bytes), { sha256 })
        const seen: number[] = []
        const onProgress = (progress: { bytes: number; total: number | undefined }): void => {
          assert.equal(progress.total, size)
          seen.push(progress.bytes)
        }
        const result = await store.download('k', file, { onProgress, ifMatch: etag, sha256 })
        assert.equal(result.verified, true)
        assert.equal(result.etag, etag)
        assert.equal(seen.at(-1), size)
        assert.ok(seen.every((count, index) => count > (seen[index - 1] ?? 0)))
        assert.ok((await readFile(file)).equals(bytes))
        // A store that keeps metadata keeps the digest that it was given.
        if (store.capabilities.metadata) {
          assert.equal((await store.download('k', file)).verified, true)
        }
        const wrong = createHash('sha256').update('another').digest('hex')
        await rejects(store.download('k', file, { sha256: wrong }), 'DIGEST_MISMATCH', 'k')
        assert.ok((await readFile(file)).equals(bytes))
        assert.deepEqual(await readdir(folder), ['file'])
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  },
  {
    name: 'a signed URL reads and writes one object, or is refused',
    async run(store) {
      if (!store.capabilities.signUrl) return await rejects(signUrl(store, 'k'), 'UNSUPPORTED', 'k')
      const key = 'signed/ö +%.txt'
      const writing = await signUrl(store, key, { method: 'PUT', expiresInMs: 60_000 })
      const written = await fetch(writing, {
        method: 'PUT',
        body: 'by URL',
        headers: { 'x-ms-blob-type': 'BlockBlob' },
      })
      assert.ok(written.ok, `PUT answered ${written.status}`)
      assert.equal((await read(store, key)).toString(), 'by URL')
      const response = await fetch(await signUrl(store, key))
      assert.equal(await response.text(), 'by URL')
      for (const expiresInMs of [0, Number.NaN, 8 * 86_400_000]) {
        await rejects(signUrl(store, key, { expiresInMs }), 'INVALID_ARGUMENT', key)
      }
      await rejects(signUrl(store, '../k'), 'INVALID_KEY')
    },
  },
]

async function* pieces(
  bytes: Uint8Array,
  then?: Error | Promise<undefined>,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 1_000_000) {
    if (then instanceof Promise && start > 9_000_000) await then
    yield bytes.subarray(start, start + 1_000_000)
  }
  if (then instanceof Error) throw then
}
