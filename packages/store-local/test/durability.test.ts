import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { requireStrace, traceOperation } from './strace.ts'
import type { SystemCall } from './strace.ts'

// R3: what a write does, in which order, and what a failure of each fsync says.

let root = ''
let folder = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'durability-'))
  folder = join(root, 'base')
  await mkdir(join(folder, 'dir'), { recursive: true })
  await writeFile(join(folder, 'k'), 'old')
  await writeFile(join(folder, 'dir/x'), 'old')
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

const changing = ['mkdir', 'write', 'fsync', 'fdatasync', 'rename', 'link', 'unlink']

/** `fsync base`, `rename temp -> k`: the calls that change the disk, with their paths made short. */
function short(calls: readonly SystemCall[]): string[] {
  const said = calls
    .filter(({ name, text }) => changing.includes(name) && !text.includes(' = -1 '))
    .map(({ name, text }) => {
      const paths = [...text.matchAll(/["<](\/[^">]+)[">]/g)].map(([, path = '']) =>
        path.endsWith('.prefect-ts-tmp') ? 'temp' : basename(path),
      )
      return `${name} ${paths.join(' -> ')}`
    })
  return said.filter((call, index) => call !== said[index - 1])
}

const written = ['write temp', 'fsync temp']

const orders: Readonly<Record<string, readonly string[]>> = {
  put: [...written, 'rename temp -> k', 'fsync base'],
  'put ifAbsent': [...written, 'link temp -> new', 'unlink temp', 'fsync base'],
  'put in new folders': [
    'mkdir a',
    'fsync base',
    'mkdir b',
    'fsync a',
    ...written,
    'rename temp -> k',
    'fsync b',
  ],
  copy: [...written, 'rename temp -> copied', 'fsync base'],
  download: [...written, 'rename temp -> downloaded', 'fsync base'],
  'download a directory': [
    'mkdir files',
    'fsync base',
    ...written,
    'rename temp -> x',
    'fsync files',
  ],
  delete: ['unlink k', 'fsync base'],
}

describe.skipIf(process.platform !== 'linux')('on the way to the disk', () => {
  beforeAll(requireStrace, 120_000)

  it.each(Object.entries(orders))('%s: %j', async (operation, order) => {
    const { calls, outcome } = await traceOperation(folder, operation)
    expect(outcome).toEqual({ code: 'done', message: '' })
    expect(short(calls)).toEqual(order)
  })

  it('large contents are synced as they come', async () => {
    const { calls } = await traceOperation(folder, 'put', { size: 300 * 1024 * 1024 })
    expect(short(calls)).toEqual([
      'write temp',
      'fdatasync temp',
      'write temp',
      'fsync temp',
      'rename temp -> k',
      'fsync base',
    ])
  }, 60_000)

  // What the error is when the n-th fsync of an operation fails, and what is then to be seen.
  it.each([
    ['put', 1, 'IO_ERROR', 'in fsync', 'old'],
    ['put', 2, 'OUTCOME_UNKNOWN', 'may not survive a power loss', 'new'],
    ['put ifAbsent', 1, 'IO_ERROR', 'in fsync', 'absent'],
    ['put ifAbsent', 2, 'OUTCOME_UNKNOWN', 'may not survive a power loss', 'new'],
    ['put in new folders', 1, 'IO_ERROR', 'in fsync', 'absent'],
    ['put in new folders', 2, 'IO_ERROR', 'in fsync', 'absent'],
    ['put in new folders', 3, 'IO_ERROR', 'in fsync', 'absent'],
    ['put in new folders', 4, 'OUTCOME_UNKNOWN', 'may not survive a power loss', 'new'],
    ['copy', 1, 'IO_ERROR', 'in fsync', 'absent'],
    ['copy', 2, 'OUTCOME_UNKNOWN', 'may not survive a power loss', 'new'],
    ['download', 1, 'IO_ERROR', 'in fsync', 'absent'],
    ['download', 2, 'OUTCOME_UNKNOWN', 'may not survive a power loss', 'new'],
    ['delete', 1, 'OUTCOME_UNKNOWN', 'may be back after a power loss', 'absent'],
  ])('%s, fsync %i fails: %s', async (operation, when, code, message, seen) => {
    const { outcome } = await traceOperation(folder, operation, {
      content: 2,
      inject: `fsync:error=EIO:when=${when}`,
    })
    expect(outcome).toEqual({ code, message: expect.stringContaining(message) })
    const targets: Record<string, string> = {
      'put ifAbsent': 'new',
      'put in new folders': 'a/b/k',
      copy: 'copied',
      download: 'downloaded',
    }
    const target = join(folder, targets[operation] ?? 'k')
    const content = await readFile(target).catch(() => undefined)
    // A copy and a download bring the old content under a new name.
    const state = content?.equals(Buffer.alloc(10_240, 2)) === true ? 'new' : content?.toString()
    const isCopied = operation === 'copy' || operation === 'download'
    expect(state ?? 'absent').toBe(isCopied && seen === 'new' ? 'old' : seen)
    const names = await readdir(folder, { recursive: true })
    expect(names.filter((name) => name.endsWith('prefect-ts-tmp'))).toEqual([])
  })
})
