import { execFileSync } from 'node:child_process'
import {
  chmod,
  link,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isTemporaryName, writeFileAtomically } from '@prefect-ts/store/files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atomic-file-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function* content(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

async function write(file: string): Promise<unknown> {
  return await writeFileAtomically(file, content('x')).catch((error: unknown) => error)
}

describe('writeFileAtomically', () => {
  it('writes many small and some large chunks in order', async () => {
    const file = join(folder, 'f')
    const chunks = Array.from({ length: 5_000 }, (_, index) =>
      `${index},`.repeat(index % 400 === 0 ? 60_000 : 3),
    )
    const state = await writeFileAtomically(file, content(...chunks))
    const expected = chunks.join('')
    expect((await readFile(file, 'utf8')) === expected).toBe(true)
    expect(Number(state.size)).toBe(expected.length)
    expect((await stat(file, { bigint: true })).ino).toBe(state.ino)
  })

  it('shows only the old content and one temporary file while it writes', async () => {
    const file = join(folder, 'f')
    await writeFile(file, 'old')
    async function* watched(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1_000_000)
      expect(await readFile(file, 'utf8')).toBe('old')
      const others = (await readdir(folder)).filter((name) => name !== 'f')
      expect(others.map(isTemporaryName)).toEqual([true])
      yield Buffer.alloc(1)
    }
    await writeFileAtomically(file, watched())
    expect((await stat(file)).size).toBe(1_000_001)
    expect(await readdir(folder)).toEqual(['f'])
  })

  it('keeps the permissions of the file it replaces', async () => {
    const file = join(folder, 'secret')
    await writeFile(file, 'old')
    await chmod(file, 0o640)
    await writeFileAtomically(file, content('new'))
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    await writeFileAtomically(join(folder, 'fresh'), content('new'))
    const byNode = join(folder, 'by-node')
    await writeFile(byNode, '')
    expect((await stat(join(folder, 'fresh'))).mode).toBe((await stat(byNode)).mode)
  })

  it('follows a symlink and breaks a hard link', async () => {
    await writeFile(join(folder, 'target'), 'old')
    await symlink('target', join(folder, 'soft'))
    await link(join(folder, 'target'), join(folder, 'hard'))
    await writeFileAtomically(join(folder, 'soft'), content('new'))
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('new')
    expect((await lstat(join(folder, 'soft'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(folder, 'hard'), 'utf8')).toBe('old')
  })

  it.each(['x'.repeat(255), 'é'.repeat(127), '😀'.repeat(63), 'line\nbreak'])(
    'has a temporary name for every name (%s)',
    async (name) => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        const names = await readdir(folder)
        expect(names.map(isTemporaryName)).toEqual([true])
        yield Buffer.from('x')
      }
      await writeFileAtomically(join(folder, name), failing())
      expect(await readdir(folder)).toEqual([name])
      expect(isTemporaryName(name)).toBe(false)
    },
  )

  it('refuses what is no file, by path and code', async () => {
    await writeFile(join(folder, 'plain'), 'p')
    execFileSync('mkfifo', [join(folder, 'pipe')])
    expect(await write(folder)).toMatchObject({
      code: 'NOT_A_FILE',
      message: expect.stringContaining(folder),
    })
    expect(await write(join(folder, 'pipe'))).toMatchObject({
      code: 'NOT_A_FILE',
      message: expect.stringContaining('pipe'),
    })
    expect(await write('/dev/null')).toMatchObject({
      code: 'NOT_A_FILE',
      message: expect.stringContaining('/dev/null'),
    })
    expect(await write(join(folder, 'plain', 'x'))).toMatchObject({
      code: 'NOT_A_FILE',
      message: expect.stringContaining('plain/x'),
    })
    expect(await write(join(folder, 'plain', 'x', 'y'))).toMatchObject({
      code: 'NOT_A_FILE',
      message: expect.stringContaining('plain/x/y'),
    })
    expect(await write(join(folder, 'n'.repeat(256)))).toMatchObject({
      code: 'INVALID_KEY',
      message: expect.stringContaining('too long'),
    })
    expect((await readdir(folder)).toSorted()).toEqual(['pipe', 'plain'])
  })

  it('says why a folder can not be made', async ({ skip }) => {
    if (process.platform !== 'linux') skip('there is no /proc')
    // There, making a folder is ENOENT although its parent exists.
    expect(await write('/proc/none/deep/f')).toMatchObject({ code: 'NOT_FOUND' })
    await symlink('nowhere', join(folder, 'dangling'))
    expect(await write(join(folder, 'dangling/sub/f'))).toMatchObject({ code: 'NOT_A_FILE' })
  })

  it('with ifAbsent lets the first of two win', async () => {
    const file = join(folder, 'f')
    const outcomes = await Promise.allSettled([
      writeFileAtomically(file, content('one'), { ifAbsent: true }),
      writeFileAtomically(file, content('two'), { ifAbsent: true }),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(['one', 'two']).toContain(await readFile(file, 'utf8'))
    expect(await readdir(folder)).toEqual(['f'])
  })
})
