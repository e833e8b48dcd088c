import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const full = process.env['PREFECT_TS_TRIALS'] === 'full'
const timeout = full ? 3_600_000 : 240_000
const linesPerMegabyte = Math.floor((1 << 20) / 56)

async function run(...args: string[]): Promise<{ rows: number; error: string; peak: number }> {
  const script = join(import.meta.dirname, 'large-csv.ts')
  const options = ['-C', '@prefect-ts/source', script, ...args]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  return JSON.parse(stdout) as { rows: number; error: string; peak: number }
}

it('reads and writes a large csv file in constant memory', { timeout }, async () => {
  const large = await run(full ? '5120' : '64')
  expect(large.error).toBe('')
  expect(large.rows).toBe((full ? 5120 : 64) * linesPerMegabyte)
  // What Node and its garbage collector need; 5 GB (`PREFECT_TS_TRIALS=full`) have the same bound.
  expect(large.peak).toBeLessThan(400)
})

it('finds a lone quote at the end of a large file', { timeout }, async () => {
  const megabytes = full ? 1024 : 32
  const { error, rows, peak } = await run(String(megabytes), 'lone-quote')
  const line = megabytes * linesPerMegabyte + 2
  expect(error).toContain(
    `line ${line}, character 17 of the csv file: the quote that opens a field here is never closed`,
  )
  expect(rows).toBe(megabytes * linesPerMegabyte)
  expect(peak).toBeLessThan(400)
})
