import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

// R2. The errors that strace injects are in io-errors.test.ts.

interface Outcome {
  readonly writer: string
  readonly size: number
  readonly state: string
  readonly code: string
  readonly message: string
  readonly names: readonly string[]
}

const writer = join(import.meta.dirname, 'full-disk-writer.ts')
const script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -C @prefect-ts/source "$3" "$1"'

/** The promise: an error leaves the old content and no other file; without one, the new content is there. */
function isKept({ state, code, names }: Outcome): boolean {
  if (names.length !== 1) return false
  return code === 'done' ? state === 'new' : state === 'old'
}

// Needs mounts of its own (root), which macOS has not.
it.skipIf(process.platform !== 'linux')(
  'a full disk is an error, and the old file stays whole (120 cases)',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'store-full-'))
    try {
      const command = ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, writer]
      const run = spawnSync('unshare', command, { maxBuffer: 64 * 1024 * 1024 })
      // Without root: "unshare failed: Operation not permitted".
      expect(run.stderr.toString()).toBe('')
      const outcomes = JSON.parse(run.stdout.toString()) as Outcome[]
      const own = outcomes.filter((each) => each.writer !== 'write-file-atomic')
      expect(own).toHaveLength(120)
      expect(own.filter((each) => !isKept(each))).toEqual([])
      const full = own.filter(({ code }) => code !== 'done')
      const message = `Cannot write ${join(folder, 'k')}: no space left on the disk`
      expect(new Set(full.map((each) => `${each.code} ${each.message}`))).toEqual(
        new Set([`NO_SPACE ${message}`]),
      )
      // The sizes lie on both sides of the free space, for every writer.
      for (const name of new Set(own.map((each) => each.writer))) {
        const ofWriter = own.filter((each) => each.writer === name)
        expect(ofWriter.filter(({ code }) => code === 'done').length).toBeGreaterThan(5)
        expect(ofWriter.filter(({ code }) => code !== 'done').length).toBeGreaterThan(10)
      }
      // The suite bites: write-file-atomic 7.0.1 loses the old file and calls it success (atomically#18).
      const theirs = outcomes.filter((each) => each.writer === 'write-file-atomic')
      expect(theirs).toHaveLength(40)
      const lost = theirs.filter((each) => !isKept(each))
      expect(lost.length).toBeGreaterThan(10)
      expect(new Set(lost.map(({ code }) => code))).toEqual(new Set(['done']))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)
