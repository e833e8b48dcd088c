import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../store.ts'
import { read, rejects, rejectsWith, sampleBytes } from './case.ts'
import type { Case } from './case.ts'

/** Between an object and a file. */
export const transferCases: readonly Case[] = [
  inFolder('files come back as they went, of any size', async (store, folder) => {
    for (const size of [0, 1, 256 * 1024, 2_000_003]) {
      const bytes = sampleBytes(size)
      await writeFile(join(folder, 'source'), bytes)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const sent = await store.upload(join(folder, 'source'), 'k', { sha256 })
      assert.equal(sent.size, size)
      assert.ok((await read(store, 'k')).equals(bytes))
      const target = join(folder, 'new', 'folders', 'target')
      const info = await store.download('k', target, { sha256 })
      assert.equal(info.size, size)
      assert.equal(info.etag, sent.etag)
      assert.ok((await readFile(target)).equals(bytes), 'overwritten with the new content')
    }
    assert.deepEqual(await readdir(join(folder, 'new', 'folders')), ['target'])
  }),
  inFolder('a file that is missing or no file is refused by path', async (store, folder) => {
    await rejects(store.upload(join(folder, 'absent'), 'k'), 'NOT_FOUND', 'k')
    await rejects(store.upload(folder, 'k'), 'NOT_A_FILE', 'k')
    await store.put('k', 'x')
    await rejects(store.download('k', folder), 'NOT_A_FILE', 'k')
    await writeFile(join(folder, 'plain'), 'p')
    await rejects(store.download('k', join(folder, 'plain', 'below')), 'NOT_A_FILE', 'k')
    assert.equal((await readFile(join(folder, 'plain'))).toString(), 'p')
  }),
  inFolder('a failing download leaves the old file and nothing else', async (store, folder) => {
    const target = join(folder, 'target')
    await writeFile(target, 'old')
    await rejects(store.download('absent', target), 'NOT_FOUND', 'absent')
    const { etag } = await store.put('k', sampleBytes(3_000_000))
    const sha256 = createHash('sha256').update('other').digest('hex')
    await rejects(store.download('k', target, { sha256 }), 'DIGEST_MISMATCH', 'k')
    await rejects(store.download('k', target, { sha256: 'x' }), 'INVALID_ARGUMENT', 'k')
    const controller = new AbortController()
    const reason = new Error('half is enough')
    const onProgress = (): void => controller.abort(reason)
    const { signal } = controller
    await rejectsWith(store.download('k', target, { signal, onProgress }), reason)
    await store.put('k', 'changed')
    await rejects(store.download('k', target, { ifMatch: etag }), 'PRECONDITION_FAILED', 'k')
    assert.equal((await readFile(target)).toString(), 'old')
    assert.deepEqual(await readdir(folder), ['target'])
  }),
  inFolder('a file that grows or shrinks during upload is refused', async (store, folder) => {
    await store.put('k', 'old')
    const file = join(folder, 'source')
    const changes = [() => appendFile(file, 'more'), () => truncate(file, 1_000_000)]
    for (const change of changes) {
      await writeFile(file, sampleBytes(4_000_000))
      const pending: Promise<void>[] = []
      const onProgress = (): void => {
        if (pending.length === 0) pending.push(change())
      }
      await rejects(store.upload(file, 'k', { onProgress }), 'LENGTH_MISMATCH', 'k')
      await Promise.all(pending)
    }
    assert.equal((await read(store, 'k')).toString(), 'old')
  }),
  inFolder('an aborted upload writes nothing', async (store, folder) => {
    const file = join(folder, 'source')
    await writeFile(file, sampleBytes(4_000_000))
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = (): void => controller.abort(reason)
    const { signal } = controller
    await rejectsWith(store.upload(file, 'k', { signal, onProgress }), reason)
    assert.equal(await store.head('k'), undefined)
  }),
]

function inFolder(name: string, run: (store: Store, folder: string) => Promise<void>): Case {
  return {
    name,
    async run(store) {
      const folder = await mkdtemp(join(tmpdir(), 'store-conformance-'))
      try {
        await mkdir(join(folder, 'work'))
        await run(store, join(folder, 'work'))
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
