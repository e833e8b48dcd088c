import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocalStore } from '@prefect-ts/store-local'
import { expect, it } from 'vitest'

// R1. The kills at every system call are in crash-points.test.ts.
const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 500 : 36
const writer = join(import.meta.dirname, 'crash-writer.ts')

async function killedAfter(folder: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, ['-C', '@prefect-ts/source', writer, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  await sleep(delayMs)
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
}

it(
  `after kill -9 the object is one whole content or absent (${trials} trials)`,
  { timeout: 900_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'store-crash-'))
    const store = createLocalStore({ basepath: folder })
    let interrupted = 0
    let seen = 0
    try {
      for (let trial = 0; trial < trials; trial++) {
        await killedAfter(folder, (trial * 7.3) % 60)
        const object = await store.get('folder/k')
        let isWhole =
          object === undefined || [10_240, 3_000_000, 1, 8_000_000].includes(object.size)
        for await (const chunk of object?.body ?? []) {
          isWhole &&= Buffer.alloc(chunk.byteLength, (object?.size ?? 0) % 251).equals(chunk)
        }
        expect(isWhole).toBe(true)
        if (object !== undefined) seen++
        const listed: string[] = []
        for await (const { key } of store.list()) listed.push(key)
        expect(listed).toEqual(object === undefined ? [] : ['folder/k'])
        const names = await readdir(join(folder, 'folder')).catch(() => [])
        if (names.length > listed.length) interrupted++
      }
      // Else the kills hit nothing and the trials say nothing.
      expect(interrupted).toBeGreaterThan(trials / 10)
      expect(seen).toBeGreaterThan(trials / 2)
      // What the last writers left, the next run sweeps.
      await store.put('folder/next', 'x')
      expect((await readdir(join(folder, 'folder'))).toSorted()).toEqual(['k', 'next'])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

it('process.exit in the middle of a write leaves no temporary file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-exit-'))
  try {
    const child = spawn(process.execPath, ['-C', '@prefect-ts/source', writer, folder, '30'], {
      stdio: 'ignore',
    })
    expect(await once(child, 'close')).toEqual([5, null])
    expect((await readdir(join(folder, 'folder'))).filter((name) => name !== 'k')).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
