import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

interface Outcome {
  readonly size: number
  readonly bytes: number
  readonly kinds: readonly number[]
  readonly code: string
  readonly names: readonly string[]
  readonly message: string
}

const writer = join(import.meta.dirname, 'full-disk-writer.ts')
const mount = 'mount -t tmpfs -o size=1m none "$1"'

it('a full disk is an error, and the old object stays whole', async ({ skip }) => {
  const folder = await mkdtemp(join(tmpdir(), 'store-full-'))
  try {
    const probe = spawnSync('unshare', ['-m', 'sh', '-c', mount, 'sh', folder])
    if (probe.status !== 0) {
      const why = probe.error?.message ?? probe.stderr.toString().trim()
      skip(`needs a small file system of its own (unshare -m, mount -t tmpfs), but: ${why}`)
    }
    const script = `${mount} && exec "$2" -C @prefect-ts/source "$3" "$1"`
    const run = spawnSync('unshare', [
      '-m',
      'sh',
      '-c',
      script,
      'sh',
      folder,
      process.execPath,
      writer,
    ])
    expect(run.stderr.toString()).toBe('')
    const outcomes = JSON.parse(run.stdout.toString()) as Outcome[]
    const full = outcomes.filter(({ code }) => code === 'NO_SPACE')
    expect(full.length).toBeGreaterThan(10)
    expect(outcomes.length).toBeGreaterThan(full.length)
    const message = `Cannot write ${join(folder, 'k')}: no space left on the disk`
    const expected = outcomes.map(({ size, code }) =>
      code === 'NO_SPACE'
        ? { size, bytes: 200_000, kinds: [1], code, names: ['k'], message }
        : { size, bytes: size, kinds: [2], code: 'undefined', names: ['k'], message: '' },
    )
    expect(outcomes).toEqual(expected)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
