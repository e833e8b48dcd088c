import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { downloadDirectory, isStoreError, uploadDirectory } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRandom, hostileKey } from '../../../test/special-keys.ts'

// R18: whatever the key, nothing outside of the base is written, removed or read.

const count = process.env['PREFECT_TS_TRIALS'] === 'full' ? 5_000 : 1_000
let root = ''
let base = ''
let store: Store

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'containment-')))
  base = join(root, 'base')
  for (const name of ['base/in/a', 'base/a', 'base2', 'from']) {
    await mkdir(join(root, name), { recursive: true })
  }
  await writeFile(join(root, 'base2/secret'), 'secret')
  await writeFile(join(root, 'secret'), 'secret')
  await writeFile(join(root, 'from/file'), 'harmless')
  const links = {
    out: '../base2',
    file: '../base2/secret',
    loop: 'loop',
    dangling: '../base2/new',
    up: '..',
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(base, name))
  await symlink('a', join(base, 'in/link'))
  store = createLocalStore({ basepath: base })
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

/** Everything below the root but outside of the base: paths, contents, times of change. */
async function outside(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  async function add(path: string): Promise<void> {
    const { mtimeMs, ino } = await lstat(path)
    found[path] = `${ino} ${mtimeMs}`
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const child = join(path, entry.name)
      if (child === base) continue
      if (entry.isDirectory()) await add(child)
      else
        found[child] = entry.isSymbolicLink()
          ? await readlink(child)
          : await readFile(child, 'utf8')
    }
  }
  await add(root)
  return found
}

/** All that can be done with a key. Errors must be `StoreError`s; contents that come back are collected. */
async function attack(key: string, contents: Set<string>): Promise<number> {
  let accepted = 0
  async function attempt(work: () => unknown): Promise<void> {
    try {
      await work()
      accepted++
    } catch (error) {
      if (!isStoreError(error)) throw error
    }
  }
  await attempt(async () => {
    const object = await store.get(key)
    if (object !== undefined) contents.add(await new Response(object.body).text())
  })
  await attempt(() => store.head(key))
  await attempt(() => store.locate(key))
  await attempt(() => store.put(key, 'harmless'))
  await attempt(() => store.put(key, 'harmless', { ifAbsent: true }))
  await attempt(() => store.upload(join(root, 'from/file'), key))
  await attempt(() => store.copy(key, 'copied'))
  await attempt(() => store.copy('copied', key))
  await attempt(() => uploadDirectory(store, join(root, 'from'), key))
  await attempt(async () => {
    for await (const entry of store.list({ prefix: key })) {
      const object = await store.get(entry.key)
      contents.add(await new Response(object?.body).text())
    }
  })
  await attempt(() => store.delete(key))
  return accepted
}

describe('outside of the base nothing changes', () => {
  it(`by ${count} hostile keys in every call`, { timeout: 600_000 }, async () => {
    const random = createRandom(5)
    const before = await outside()
    const contents = new Set<string>()
    let accepted = 0
    for (let index = 0; index < count; index++) {
      const key = hostileKey(random, join(root, 'base2'))
      accepted += await attack(key, contents)
    }
    expect(await outside()).toEqual(before)
    expect(contents.has('secret')).toBe(false)
    expect(contents).toContain('harmless')
    expect(accepted).toBeGreaterThan(count)
  })

  it(
    `by downloads of ${count} hostile keys into a folder with hostile symlinks`,
    { timeout: 600_000 },
    async () => {
      const random = createRandom(6)
      const before = await outside()
      let accepted = 0
      for (let index = 0; index < count; index++) {
        const key = `p/${hostileKey(random, join(root, 'base2'))}`
        const memory = createMemoryStore()
        const info = { size: 8, etag: '"1"', lastModified: new Date(0) }
        const listing: Store = {
          ...memory,
          async *list() {
            yield { key, ...info }
          },
          // A bucket holds such keys, though the checks of a store would not have written them.
          async download(_key, file) {
            await memory.put('k', 'harmless')
            return await memory.download('k', file)
          },
        }
        try {
          await downloadDirectory(listing, 'p', base)
          accepted++
        } catch (error) {
          if (!isStoreError(error)) throw error
        }
      }
      expect(await outside()).toEqual(before)
      expect(accepted).toBeGreaterThan(count / 20)
      expect(accepted).toBeLessThan(count / 2)
    },
  )
})
