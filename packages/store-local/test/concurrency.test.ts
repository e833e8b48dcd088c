import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'
import { expect, it } from 'vitest'
import { contentOf, keys } from './concurrent-content.ts'

// R4: 8 processes and 16 writers of this one overwrite 4 keys as long as 2 more processes read them.

const share = process.env['PREFECT_TS_TRIALS'] === 'full' ? 1 : 0.1
const reads = 40_000 * share

const children: ChildProcess[] = []

interface Worker {
  stop(): void
  readonly report: Promise<Record<string, number>>
}

function start(role: 'write' | 'read', folder: string, seed: number, count: number): Worker {
  const script = join(import.meta.dirname, 'concurrent-worker.ts')
  const options = ['-C', '@prefect-ts/source', script, role, folder, `${seed}`, `${count}`]
  const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const report = once(child, 'close').then(() => JSON.parse(output) as Record<string, number>)
  return { stop: () => child.stdin.end(), report }
}

it(`${reads} reads while 24 writers write: no torn content`, { timeout: 900_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-concurrent-'))
  const store = createLocalStore({ basepath: folder })
  try {
    for (const key of keys) await store.put(key, contentOf(1))
    const writers = Array.from({ length: 8 }, (_, index) =>
      start('write', folder, index, 100 * share),
    )
    const readersEnd = new AbortController()
    let writes = 0
    const own = Array.from({ length: 16 }, async (_, writer) => {
      for (let index = 0; !readersEnd.signal.aborted || index < 50 * share; index++) {
        const number = writer * 17 + index * 3
        await store.put(keys[number % keys.length] ?? '', contentOf(number))
        writes++
      }
    })
    const readers = [0, 1].map((seed) => start('read', folder, seed, reads / 2))
    const reports = await Promise.all(readers.map(({ report }) => report))
    readersEnd.abort()
    for (const writer of writers) writer.stop()
    for (const { report } of writers) writes += (await report)['writes'] ?? 0
    await Promise.all(own)

    const sum = (name: string): number => reports.reduce((all, each) => all + (each[name] ?? 0), 0)
    expect(sum('reads')).toBeGreaterThanOrEqual(reads)
    expect(sum('torn')).toBe(0)
    expect(writes).toBeGreaterThanOrEqual(1_600 * share)
    // Else the reads met few writes, and say little; the readers read on until then.
    expect(sum('seen')).toBeGreaterThan(100)
    const names = await readdir(folder, { recursive: true })
    expect(names.filter((name) => name.endsWith('prefect-ts-tmp'))).toEqual([])
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})
