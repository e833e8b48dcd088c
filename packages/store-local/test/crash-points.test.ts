import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requireStrace, traceOperation } from './strace.ts'
import type { SystemCall } from './strace.ts'

// R1: kill -9 at every system call of a write. The random kills are in crash.test.ts.

const roots: string[] = []

afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true })
})

async function prepare(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'crash-point-'))
  roots.push(root)
  const folder = join(root, 'base')
  await mkdir(folder)
  await writeFile(join(folder, 'k'), 'old')
  return folder
}

async function unfinishedBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.prefect-ts-tmp'))
}

const full = process.env['PREFECT_TS_TRIALS'] === 'full'

/**
 * All calls, but of the many writes of a large file only the first two, one in the middle and the last. `every`: only
 * each so many of them, and those around the one that publishes.
 */
function pointsOf(calls: readonly SystemCall[], every: number): SystemCall[] {
  const last = Math.max(...calls.filter(({ name }) => name === 'write').map(({ when }) => when))
  const writes = [1, 2, Math.ceil(last / 2), last]
  const points = calls.filter(({ name, when }) => name !== 'write' || writes.includes(when))
  const published = points.findIndex(isPublishing)
  return points.filter((_, index) => index % every === 0 || Math.abs(index - published) < 2)
}

function isPublishing({ name }: SystemCall): boolean {
  return name === 'rename' || name === 'link'
}

const KiB = 1024

describe.skipIf(process.platform !== 'linux')('kill -9 at every system call', () => {
  beforeAll(requireStrace, 120_000)

  it.each([
    ['put', 'k', 10 * KiB, 1],
    ['put', 'k', 0, 4],
    ['put', 'k', 64 * KiB * KiB, 8],
    ['put ifAbsent', 'new', 10 * KiB, 4],
    ['put in new folders', 'a/b/k', 10 * KiB, 4],
    ['download', 'downloaded', 10 * KiB, 4],
  ])(
    'of a %s leaves %s of %i bytes old or new',
    { timeout: 240_000 },
    async (operation, key, size, every) => {
      const options = { size, content: 2 }
      const whole = await traceOperation(await prepare(), operation, options)
      const points = pointsOf(whole.calls, full ? 1 : every)
      const published = points.findIndex(isPublishing)
      expect(published).toBeGreaterThan(1)
      const states: string[] = []
      for (const { name, when } of points) {
        const folder = await prepare()
        const inject = `${name}:signal=KILL:when=${when}`
        const { signal, outcome } = await traceOperation(folder, operation, { ...options, inject })
        expect([inject, signal, outcome]).toEqual([inject, 'SIGKILL', undefined])
        const content = await readFile(join(folder, key)).catch(() => undefined)
        const wanted = operation === 'download' ? Buffer.from('old') : Buffer.alloc(size, 2)
        if (content?.equals(wanted) === true) states.push('new')
        else states.push(content === undefined ? 'old' : content.toString('latin1', 0, 20))
        expect((await unfinishedBelow(folder)).length).toBeLessThan(2)
        // The next run finds only whole objects, and sweeps.
        const store = createLocalStore({ basepath: folder })
        for await (const entry of store.list()) expect(['k', key]).toContain(entry.key)
        await store.put(`${key}-next`, 'x').catch((error: unknown) => {
          throw new Error(`after ${inject}`, { cause: error })
        })
        expect(await unfinishedBelow(folder)).toEqual([])
      }
      const expected = points.map((_, index) => (index <= published ? 'old' : 'new'))
      expect(states).toEqual(expected)
    },
  )
})
