import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isStoreError } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPython } from './python-file-system.ts'
import type { PythonFileSystem } from './python-file-system.ts'
import { createRandom, hostileKey, randomKey } from '../../../test/special-keys.ts'

// Both sides, live: Prefect's LocalFileSystem block in a Python process, and this store.

const full = process.env['PREFECT_TS_TRIALS'] === 'full'
let root = ''
let python: PythonFileSystem

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'store-python-')))
  python = startPython(root)
}, 120_000)

afterAll(async () => {
  await python.stop()
  await rm(root, { recursive: true, force: true })
})

describe('a live LocalFileSystem', () => {
  const count = full ? 4_000 : 400

  it(
    `writes and reads the same files as this store (${count} random keys)`,
    { timeout: 600_000 },
    async () => {
      const random = createRandom(24)
      const failed: unknown[] = []
      for (let index = 0; index < count; index++) {
        const key = randomKey(random)
        const basepath = join(root, 'shared', `${index}`)
        const store = createLocalStore({ basepath })
        const ours = `node ${index}`
        const theirs = `python ${index}`
        await store.put(key, ours)
        const read = await python.ask({ do: 'read', basepath, path: key })
        const content = Buffer.from(theirs).toString('base64')
        const written = await python.ask({ do: 'write', basepath, path: key, content })
        const object = await store.get(key)
        const back = await new Response(object?.body).text()
        const isSame =
          Buffer.from(read.content ?? '', 'base64').toString() === ours &&
          written.path === store.locate(key) &&
          back === theirs
        if (!isSame) failed.push({ key, read, written, back, located: store.locate(key) })
      }
      expect(failed).toEqual([])
    },
  )

  const hostile = full ? 5_000 : 1_000

  it(`judges ${hostile} hostile keys as this store does`, { timeout: 300_000 }, async () => {
    const basepath = join(root, 'base')
    for (const name of ['base/in/a', 'base2', 'base/a'])
      await mkdir(join(root, name), { recursive: true })
    await writeFile(join(root, 'base2/secret'), 'secret')
    const links = {
      out: '../base2',
      file: '../base2/secret',
      loop: 'loop',
      dangling: '../base2/new',
      up: '..',
    }
    for (const [name, target] of Object.entries(links)) await symlink(target, join(basepath, name))
    await symlink('a', join(basepath, 'in/link'))
    const store = createLocalStore({ basepath })
    const random = createRandom(18)
    const failed: unknown[] = []
    const counts = { accepted: 0, outside: 0, refused: 0 }
    for (let index = 0; index < hostile; index++) {
      const key = hostileKey(random, join(root, 'base2'))
      const answer = await python.ask({ do: 'resolve', basepath, path: key })
      let located: string | undefined
      let reason = ''
      try {
        located = store.locate(key)
      } catch (error) {
        if (!isStoreError(error, 'INVALID_KEY')) throw error
        reason = error.message
      }
      // Where a symlink decides, both must decide alike; what is no key at all is refused here on purpose.
      const isOutside = /outside of the base path|loop of symlinks/.test(reason)
      if (located !== undefined) counts.accepted++
      else counts[isOutside ? 'outside' : 'refused']++
      const isSame =
        located === undefined ? !isOutside || answer.error !== undefined : answer.path === located
      if (!isSame) failed.push({ key, answer, located, reason })
    }
    expect(failed).toEqual([])
    expect(counts.accepted).toBeGreaterThan(hostile / 50)
    expect(counts.outside).toBeGreaterThan(hostile / 50)
    expect(counts.refused).toBeGreaterThan(hostile / 4)
  })
})
