import assert from 'node:assert/strict'
import type { Store } from '../store.ts'
import { listAll, listKeys, pooled, read, rejects, rejectsWith } from './case.ts'
import type { Case } from './case.ts'

/** Keys that some backend, SDK or proxy is known to mangle; all of them name different objects everywhere. */
export const hostileKeys: readonly string[] = [
  'plain.txt',
  'with space.txt',
  ' leading and trailing ',
  'plus+plus',
  'percent%20encoded',
  '%2e%2e%2fescape',
  '%2F',
  '%',
  '100%.txt',
  'question?mark=1&b=2',
  'hash#fragment',
  'semi;colon:and,comma',
  'quote\'s "double" `tick`',
  '<xml>&amp;</xml>',
  'back\\slash',
  '$HOME ${HOME} $(id)',
  '*[a-z]?{x,y}',
  'pipe|and^caret',
  '@at!bang=(paren)',
  '..hidden',
  '...',
  '.dotfile',
  'trailing.dot.',
  'dir/..x/y..',
  'dir/ /space segment',
  'Case.txt',
  'case.txt',
  'é-composed',
  'e\u0301-decomposed',
  'zażółć/gęślą/jaźń',
  '日本語/ファイル.txt',
  '😀/🚀.txt',
  '\u202egnp.exe',
  '\ufeffbom',
  '\u00a0nbsp',
  '\uff0e\uff0e/fullwidth dots',
  's3:/looks/like/a/url',
  'C:/windows/path',
  'con',
  '-rf',
  '__proto__',
  'dataset=flights/rundate=2013-01-01/data.parquet',
  `${'long'.repeat(50)}/x`,
  Array.from({ length: 40 }, () => 'deep').join('/'),
]

const refused = [
  '',
  '/',
  '/absolute',
  '//double',
  '.',
  '..',
  './a',
  'a/.',
  'a/./b',
  '../a',
  'a/..',
  'a/../b',
  'a/b/../../../c',
  'nul\0byte',
  'high \ud800 surrogate',
  '\udfff',
]

/** A key names one object, or is refused by every method alike. */
export const keyCases: readonly Case[] = [
  {
    name: 'hostile keys keep their own content and are listed as they are',
    async run(store) {
      // A backend may refuse a few that it can't tell from others, but then it must do so everywhere.
      const keys = hostileKeys.filter((key) => isAccepted(store, key))
      assert.ok(keys.length >= hostileKeys.length - 3, `only ${keys.length} keys are accepted`)
      for (const key of hostileKeys.filter((each) => !keys.includes(each))) {
        await rejects(store.put(key, 'x'), 'INVALID_KEY', key)
        await rejects(store.get(key), 'INVALID_KEY', key)
      }
      await pooled(keys.length, 8, (index) => store.put(nth(keys, index), `content ${index}`))
      for (const [index, key] of keys.entries()) {
        assert.equal((await read(store, key)).toString(), `content ${index}`, JSON.stringify(key))
        assert.equal((await store.head(key))?.size, `content ${index}`.length)
      }
      assert.deepEqual(await listKeys(store), byteOrder(keys))
      assert.equal(new Set(keys.map((key) => store.locate(key))).size, keys.length)
      await store.delete(keys)
      assert.deepEqual(await listKeys(store), [])
    },
  },
  {
    name: 'dangerous keys are refused by every method',
    async run(store) {
      for (const key of refused) {
        await rejects(store.get(key), 'INVALID_KEY', key)
        await rejects(store.head(key), 'INVALID_KEY', key)
        await rejects(store.put(key, 'x'), 'INVALID_KEY', key)
        await rejects(store.delete(key), 'INVALID_KEY', key)
        await rejects(store.delete(['fine', key]), 'INVALID_KEY', key)
        await rejects(store.copy(key, 'fine'), 'INVALID_KEY', key)
        await rejects(store.copy('fine', key), 'INVALID_KEY', key)
        await rejects(store.download(key, 'never-written'), 'INVALID_KEY', key)
        await rejects(store.upload('never-read', key), 'INVALID_KEY', key)
        await rejects((async () => store.locate(key))(), 'INVALID_KEY', key)
      }
      // @ts-expect-error: what an untyped caller may pass
      await rejects(store.get(undefined), 'INVALID_KEY')
      assert.deepEqual(await listKeys(store), [])
    },
  },
  {
    name: 'the start of a key is no object, and beside a key others may start with it',
    async run(store) {
      const keys = ['a/b.txt', 'a.txt', 'a-b/c', 'ab', 'a/b/c']
      for (const key of keys) await store.put(key, key)
      for (const absent of ['a', 'a/b']) {
        assert.equal(await store.get(absent), undefined, absent)
        assert.equal(await store.head(absent), undefined, absent)
        await store.delete(absent)
      }
      for (const key of keys) assert.equal((await read(store, key)).toString(), key)
    },
  },
  {
    name: 'prefixes are characters, not folders',
    async run(store) {
      const keys = ['data/1', 'data/2/3', 'data2/x', 'data.txt', 'dat', 'other', '.d/x', '..e']
      for (const key of keys) await store.put(key, 'x')
      for (const prefix of [
        '',
        'd',
        'dat',
        'data',
        'data/',
        'data/2',
        'data/2/',
        '.',
        '..',
        'zz',
        'other/',
      ]) {
        const expected = byteOrder(keys.filter((key) => key.startsWith(prefix)))
        assert.deepEqual(await listKeys(store, prefix), expected, JSON.stringify(prefix))
      }
      for (const prefix of ['/', '../', 'a/../b', 'a\0', '\ud800']) {
        await rejects(listKeys(store, prefix), 'INVALID_KEY')
      }
    },
  },
  {
    name: 'more than a thousand keys are listed completely, in byte order',
    async run(store) {
      const keys = Array.from({ length: 1_103 }, (_, index) => `many/${index % 7}/${index}`)
      await pooled(keys.length, 16, (index) => store.put(keys[index] ?? '', String(index)))
      const entries = await listAll(store)
      assert.deepEqual(
        entries.map(({ key }) => key),
        byteOrder(keys),
      )
      for (const { key, size, etag, lastModified } of [entries[0], entries[1_102]].filter(
        defined,
      )) {
        const head = await store.head(key)
        assert.equal(size, head?.size)
        assert.equal(etag, head?.etag)
        assert.equal(lastModified.getTime(), head?.lastModified.getTime())
      }
      await store.delete(keys)
      assert.deepEqual(await listKeys(store), [])
    },
  },
  {
    name: 'byte order is that of UTF-8, not of UTF-16 or of folders',
    async run(store) {
      const keys = ['a/b', 'a.b', 'a b', 'a0', 'a', 'B', '\uffee', '😀', 'é', 'z', 'Z/z']
        // A file system can't hold both "a" and "a/b".
        .filter((key) => key !== 'a')
      for (const key of keys) await store.put(key, 'x')
      assert.deepEqual(await listKeys(store), byteOrder(keys))
    },
  },
  {
    name: 'a listing can be left early and aborted',
    async run(store) {
      for (const key of ['a', 'b', 'c']) await store.put(key, 'x')
      for await (const { key } of store.list()) {
        assert.equal(key, 'a')
        break
      }
      const controller = new AbortController()
      const reason = new Error('enough')
      const walk = async (): Promise<void> => {
        for await (const entry of store.list({ signal: controller.signal })) {
          assert.equal(entry.key, 'a')
          controller.abort(reason)
        }
      }
      await rejectsWith(walk(), reason)
    },
  },
  {
    name: 'locate answers for objects that do not exist yet',
    async run(store: Store) {
      const place = store.locate('not/yet.csv')
      assert.ok(place.endsWith('not/yet.csv'), place)
      assert.equal(await store.head('not/yet.csv'), undefined)
    },
  },
]

function nth(keys: readonly string[], index: number): string {
  return keys[index] ?? assert.fail('out of keys')
}

function isAccepted(store: Store, key: string): boolean {
  try {
    store.locate(key)
    return true
  } catch {
    return false
  }
}

function byteOrder(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function defined<T>(value: T | undefined): value is T {
  return value !== undefined
}
