import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomically } from '@prefect-ts/store/files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isTemporaryName, isWriterAlive, temporaryName } from '../src/temporary-name.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unfinished-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x')
}

/** A temporary name with another machine, process or start in it. */
function nameOf(change: { machine?: string; pid?: number; start?: string }): string {
  const name = temporaryName('k')
  const [, machine = '', pid = '', start = '', rest = ''] =
    /^\.k\.(.{8})(.{6})(.{6})(.*)$/.exec(name) ?? []
  const digits = change.pid?.toString(16).padStart(6, '0') ?? pid
  const changed = `.k.${change.machine ?? machine}${digits}${change.start ?? start}${rest}`
  expect(isTemporaryName(changed)).toBe(true)
  return changed
}

const endedPid = (): number => Number(execFileSync('sh', ['-c', 'echo $$']).toString())

describe('leftovers of killed writers', () => {
  it('are swept by the next write into their folder, all others stay', async () => {
    const gone = [nameOf({ pid: endedPid() })]
    if (process.platform === 'linux') gone.push(nameOf({ start: 'abcdef' }))
    const old = nameOf({ machine: '01234567' })
    const kept = [
      temporaryName('k'),
      nameOf({ machine: '01234567' }),
      '.k.prefect-ts-tmp',
      '.hidden',
    ]
    for (const name of [...gone, old, ...kept]) await writeFile(join(folder, name), 'half')
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000)
    await utimes(join(folder, old), longAgo, longAgo)
    const directory = nameOf({ pid: endedPid(), start: '000000' })
    await mkdir(join(folder, directory))
    await writeFile(join(folder, directory, 'owner.json'), '{}')
    await writeFileAtomically(join(folder, 'other'), content())
    expect((await readdir(folder)).toSorted()).toEqual(['other', ...kept].toSorted())
  })

  it('are looked for once per folder', async () => {
    await writeFileAtomically(join(folder, 'one'), content())
    const leftover = nameOf({ pid: endedPid() })
    await writeFile(join(folder, leftover), 'half')
    await writeFileAtomically(join(folder, 'two'), content())
    expect(await readdir(folder)).toContain(leftover)
  })

  it('do not make a write fail when they can not be removed', async () => {
    const leftover = nameOf({ pid: endedPid() })
    await writeFile(join(folder, leftover), 'half')
    // Anybody may write here, but nobody remove what is another's.
    await chmod(folder, 0o1777)
    const isRoot = process.geteuid?.() === 0
    try {
      if (isRoot) process.seteuid?.('nobody')
      await writeFileAtomically(join(folder, 'one'), content())
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
    expect(await readdir(folder)).toEqual(isRoot ? [leftover, 'one'] : ['one'])
  })
})

describe('a writer', () => {
  it('is alive as long as its process', async () => {
    const child = spawn('sleep', ['60'])
    const name = nameOf({ pid: child.pid ?? 0, start: '000000' })
    expect(isWriterAlive(temporaryName('k'))).toBe(true)
    // Of the same id, but another process: only /proc can tell.
    expect(isWriterAlive(name)).toBe(process.platform !== 'linux')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isWriterAlive(name)).toBe(false)
    expect(isWriterAlive(nameOf({ machine: '01234567' }))).toBeUndefined()
  })

  it.skipIf(process.platform !== 'linux')('is dead as a zombie', async () => {
    // `exec` replaces the shell, which would have waited for its child.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'])
    const [output] = (await once(parent.stdout, 'data')) as [Buffer]
    const name = nameOf({ pid: Number(output.toString()) })
    try {
      expect(isWriterAlive(name)).toBe(false)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})
