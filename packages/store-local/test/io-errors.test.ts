import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requireStrace, traceOperation } from './strace.ts'

// R2: an error of each system call of a write, put there by strace. Real full disks are in full-disk.test.ts.

const full = process.env['PREFECT_TS_TRIALS'] === 'full'

const errors: Readonly<Record<string, readonly string[]>> = {
  openat: ['EMFILE', 'EIO', 'ENOSPC'],
  write: ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'],
  fsync: ['EIO', 'ENOSPC', 'EDQUOT'],
  close: ['EIO', 'EDQUOT'],
  rename: ['EXDEV', 'EIO', 'ENOSPC', 'EDQUOT'],
  link: ['EXDEV', 'EIO', 'ENOSPC'],
  unlink: ['EIO'],
  mkdir: ['ENOSPC', 'EDQUOT', 'EIO'],
  fchmod: ['EIO'],
  statx: ['EIO'],
  getdents64: ['EIO'],
}

const codes: Readonly<Record<string, string>> = {
  EMFILE: 'UNAVAILABLE',
  EIO: 'IO_ERROR',
  EXDEV: 'IO_ERROR',
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EFBIG: 'NO_SPACE',
}

const roots: string[] = []

afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true })
})

async function prepare(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'io-errors-'))
  roots.push(root)
  const folder = join(root, 'base')
  await mkdir(folder)
  await writeFile(join(folder, 'k'), 'old')
  return folder
}

async function stateOf(file: string, size: number): Promise<string> {
  const content = await readFile(file).catch(() => undefined)
  if (content === undefined || content.equals(Buffer.from('old'))) return 'old'
  return content.equals(Buffer.alloc(size, 2)) ? 'new' : `${content.byteLength} bytes`
}

async function unfinishedBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.prefect-ts-tmp'))
}

describe.skipIf(process.platform !== 'linux')('an error of a system call', () => {
  beforeAll(requireStrace, 120_000)

  it.each([
    ['put', 'k'],
    ['put ifAbsent', 'new'],
    ['put in new folders', 'a/b/k'],
  ])(
    'of a %s leaves %s old, or says that it is new',
    { timeout: 240_000 },
    async (operation, key) => {
      const options = { size: 2_500_000, content: 2 }
      const { calls } = await traceOperation(await prepare(), operation, options)
      const cases = calls.flatMap(({ name, when }) =>
        (errors[name] ?? []).map((error) => ({ name, when, error })),
      )
      expect(cases.length).toBeGreaterThan(25)
      const failures: unknown[] = []
      for (const { name, when, error } of cases.filter((_, index) => full || index % 6 === 0)) {
        const folder = await prepare()
        const inject = `${name}:error=${error}:when=${when}`
        const { signal, outcome } = await traceOperation(folder, operation, { ...options, inject })
        const state = await stateOf(join(folder, key), options.size)
        const left = await unfinishedBelow(folder)
        const code = outcome?.code ?? `killed by ${signal}`
        const isLitter = name === 'unlink' && code === 'done' && left.length === 1
        const isKept =
          (code === codes[error] && state === 'old') ||
          ((code === 'OUTCOME_UNKNOWN' || code === 'done') && state === 'new')
        if (!isKept || (left.length > 0 && !isLitter))
          failures.push({ inject, outcome, state, left })
      }
      expect(failures).toEqual([])
    },
  )

  it('a disk that stays full is an error at once', async () => {
    const folder = await prepare()
    const inject = 'write:error=ENOSPC:when=2+'
    const { outcome } = await traceOperation(folder, 'put', { size: 2_500_000, inject })
    expect(outcome?.code).toBe('NO_SPACE')
    expect(await readFile(join(folder, 'k'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['k'])
  })

  it('bytes that were counted but not written are missed', async () => {
    const folder = await prepare()
    const inject = 'write:retval=1000:when=1'
    const { outcome } = await traceOperation(folder, 'put', { inject })
    expect(outcome).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('10240 bytes were written but the file has 9240'),
    })
    expect(await readFile(join(folder, 'k'), 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['k'])
  })
})
