import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { corpus, createRandom, randomKey } from '../../../test/special-keys.ts'

// R16: every key that is accepted comes back as it went.

const randomKeys = process.env['PREFECT_TS_TRIALS'] === 'full' ? 10_000 : 1_000
let root = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-keys-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function text(store: Store, key: string): Promise<string | undefined> {
  const object = await store.get(key)
  return object && (await new Response(object.body).text())
}

async function keysOf(store: Store): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.list()) found.push(key)
  return found
}

/** What goes wrong with each key, in a folder of its own. */
async function failures(keys: readonly string[]): Promise<unknown[]> {
  const failed: unknown[] = []
  let next = 0
  const workers = Array.from({ length: 8 }, async () => {
    for (let index = next++; index < keys.length; index = next++) {
      const key = keys[index] ?? ''
      const store = createLocalStore({ basepath: join(root, `${index}`) })
      await store.put(key, `content of ${key}`)
      const listed = await keysOf(store)
      const read = await text(store, key)
      const again = await text(store, listed[0] ?? '')
      await store.delete(key)
      const left = await keysOf(store)
      // As in Python, `a//b` is `a/b`.
      const expected = key
        .split('/')
        .filter((segment) => segment !== '')
        .join('/')
      const isRight =
        listed.length === 1 &&
        listed[0] === expected &&
        read === `content of ${key}` &&
        again === read &&
        left.length === 0
      if (!isRight) failed.push({ key, listed, read, left })
    }
  })
  await Promise.all(workers)
  return failed
}

describe('keys come back as they went', () => {
  it(`${corpus.length} special ones`, { timeout: 120_000 }, async () => {
    expect(corpus.length).toBeGreaterThan(400)
    expect(await failures(corpus)).toEqual([])
  })

  it(`${randomKeys} random ones`, { timeout: 300_000 }, async () => {
    const random = createRandom(16)
    const keys = Array.from({ length: randomKeys }, () => randomKey(random))
    expect(new Set(keys).size).toBeGreaterThan(randomKeys * 0.9)
    expect(await failures(keys)).toEqual([])
  })

  // Where the file system keeps names as they are: APFS folds them, see the README.
  it.skipIf(process.platform === 'darwin')(
    'those that look alike are different objects',
    async () => {
      const store = createLocalStore({ basepath: root })
      const alike = [
        'é',
        'e\u0301',
        'É',
        'a',
        'A',
        'a.',
        'a ',
        'Å',
        '\u212b',
        'ﬁ',
        'fi',
        'İ',
        'i\u0307',
        'ı',
        'i',
      ]
      for (const key of alike) await store.put(key, key)
      for (const key of alike) expect(await text(store, key)).toBe(key)
      const sorted = alike.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keysOf(store)).toEqual(sorted)
    },
  )

  it('a name of 256 bytes is refused by every call', async () => {
    const store = createLocalStore({ basepath: root })
    for (const key of ['x'.repeat(256), 'é'.repeat(128), `a/${'x'.repeat(256)}/b`]) {
      const refused = { code: 'INVALID_KEY', key, message: expect.stringContaining('too long') }
      await expect(store.put(key, 'x')).rejects.toMatchObject(refused)
      await expect(store.get(key)).rejects.toMatchObject(refused)
      await expect(store.head(key)).rejects.toMatchObject(refused)
      await expect(store.delete(key)).rejects.toMatchObject(refused)
    }
    expect(await keysOf(store)).toEqual([])
  })
})
