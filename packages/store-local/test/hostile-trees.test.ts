import { mkdirSync, symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listFiles } from '../src/list-files.ts'

let base: string

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'store-local-'))
})
afterEach(() => rm(base, { recursive: true }))

it('a key of 100 KB is refused at once: its links would be looked for in each of its folders', async () => {
  const store = createLocalStore({ basepath: base })
  const key = `${'a/'.repeat(50_000)}x`
  const start = performance.now()
  for (const call of [store.head(key), store.put(key, 'x'), store.get(key)]) {
    await expect(call).rejects.toMatchObject({ code: 'INVALID_KEY' })
  }
  expect(() => store.locate(key)).toThrow(/longer than a path can be/)
  for await (const entry of store.list({ prefix: key })) expect(entry).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(1_500)
})

it('a listing of links to links that finds no file, for ever, hears an abort', async () => {
  const depth = 30
  for (let level = 0; level < depth; level++) {
    mkdirSync(join(base, `d${level}`))
    if (level === depth - 1) continue
    for (const name of ['a', 'b']) symlinkSync(`../d${level + 1}`, join(base, `d${level}`, name))
  }
  const controller = new AbortController()
  let touched = 0
  const call = { signal: controller.signal, touch: () => void touched++ }
  const next = listFiles(base, '', call).next()
  setTimeout(() => controller.abort(new Error('enough')), 50)
  const outcome = Promise.race([next, sleep(5_000, 'it goes on')])
  await expect(outcome).rejects.toThrow('enough')
  expect(touched).toBeGreaterThan(0)
})
