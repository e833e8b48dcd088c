import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCli, type Finished } from './run-cli.ts'

// What it writes is installed, tested and run in checks/tarballs.
const work = mkdtempSync(join(tmpdir(), 'prefect-ts-init-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** An empty folder to run in. */
const newFolder = (): string => mkdtempSync(join(work, 'in-'))
const init = (cwd: string, ...args: string[]): Promise<Finished> =>
  runCli(['init', ...args], { cwd })

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

describe('init', () => {
  it('writes the files of a job, with its name and the versions of the packages', async () => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await init(cwd, 'add-up')
    expect(exitCode).toBe(0)
    const files = filesIn(join(cwd, 'add-up'))
    expect(stdout.trimEnd().split('\n')).toEqual(files.map((file) => `add-up/${file}`))
    expect(stderr).toBe('\nNext: cd add-up && npm install && npm test\n')
    expect(files).toEqual(
      expect.arrayContaining(['.gitignore', '.npmrc', 'flow.py', 'src/main.ts']),
    )
    expect(readdirSync(cwd)).toEqual(['add-up'])
    const texts = files.map((file) => readFileSync(join(cwd, 'add-up', file), 'utf8'))
    expect(texts.join('')).not.toMatch(/\{\{(name|@)/)
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../run/package.json'), 'utf8'),
    ) as { version: string }
    expect(JSON.parse(readFileSync(join(cwd, 'add-up/package.json'), 'utf8'))).toMatchObject({
      name: 'add-up',
      dependencies: { '@prefect-ts/run': `^${version}` },
    })
  })

  it('takes a folder that is empty, and says what it wrote as JSON', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'add-up'))
    const { stdout } = await init(cwd, 'add-up', '--json')
    const folder = join(cwd, 'add-up')
    expect(JSON.parse(stdout)).toEqual({ name: 'add-up', folder, files: filesIn(folder) })
  })

  it.each([
    ['full', 'it is there already, and not empty'],
    ['file', 'there is a file of that name'],
    ['absent/job', 'absent does not exist'],
    ['.', 'Name a new folder'],
    ['Add_Up', '"Add_Up" can\'t be the job\'s name'],
    ['a--b', '"a--b" can\'t be the job\'s name'],
  ])('refuses %s and writes nothing', async (name, message) => {
    // Its own name would do, too.
    const cwd = join(newFolder(), 'job')
    mkdirSync(join(cwd, 'full'), { recursive: true })
    writeFileSync(join(cwd, 'full/mine.txt'), 'mine')
    writeFileSync(join(cwd, 'file'), 'mine')
    const { exitCode, stdout, stderr } = await init(cwd, name)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(filesIn(cwd)).toEqual(['file', 'full/mine.txt'])
    expect(readdirSync(join(cwd, '..'))).toEqual([basename(cwd)])
  })

  it('leaves nothing where a write fails half-way', () => {
    const cwd = newFolder()
    const bin = join(import.meta.dirname, '../src/bin.ts')
    // No file may grow past 1 KiB: some of the files are larger.
    const script = `trap '' XFSZ; ulimit -f 1; exec "${process.execPath}" -C @prefect-ts/source "${bin}" init job`
    const { status, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/job is not made: EFBIG.*Nothing was written/)
    expect(existsSync(join(cwd, 'job'))).toBe(false)
    expect(readdirSync(cwd)).toEqual([])
  })
})
