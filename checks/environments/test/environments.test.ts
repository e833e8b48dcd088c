import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanEnvironment, freePort, root, runPython } from '../../../scripts/lib/prefect-server.ts'
import { s3Keys } from '../../../test/servers/moto.ts'
import { startRclone } from '../../../test/servers/rclone.ts'
import { runTask, type Finished } from './run-task.ts'

// Environments of this test alone, beside those of whoever works here.
const id = crypto.randomUUID().slice(0, 6)
const names = [`check-${id}-a`, `check-${id}-b`] as const
const ports = new Map<string, number>()
const patience = 180_000

function server(command: string, name: string, ...more: string[]): Promise<Finished> {
  const port = String(ports.get(name))
  return runTask('scripts/server.ts', [command, name, ...more], { PREFECT_TS_PORT: port })
}

function task(command: string, name: string, ...args: string[]): Promise<Finished> {
  const env = { PREFECT_TS_ENV: name, PREFECT_TS_PORT: String(ports.get(name)) }
  return runTask('scripts/environment.ts', [command, ...args], env)
}

/** `just etl` in an environment. */
function etl(name: string, args: string[], env: Record<string, string> = {}): Promise<Finished> {
  const own = { PREFECT_TS_ENV: name, PREFECT_TS_PORT: String(ports.get(name)) }
  return runTask('scripts/etl.ts', args, { ...own, ...env })
}

const use = (...args: string[]): Promise<Finished> =>
  runTask('scripts/environment.ts', ['use', ...args])

/** The reports in a folder. */
const reportsIn = (folder: string): string[] =>
  globSync('reports/**/data.parquet', { cwd: folder }).toSorted()

const report = 'reports/parquet/dataset=carrier_delays/rundate=2013-01-01/data.parquet'

/** The first column of a listing: the others have times. */
const firstColumn = (text: string): string[] =>
  text.split('\n').map((line) => line.split('\t')[0] ?? '')

/** A block that someone has saved on the environment's server. */
function saveLocalBlock(environment: string, name: string, basePath: string): void {
  const program =
    'import sys; from prefect.filesystems import LocalFileSystem as Block; Block(basepath=sys.argv[2]).save(sys.argv[1])'
  const PREFECT_API_URL = `http://127.0.0.1:${ports.get(environment)}/api`
  runPython(['-c', program, name, basePath], { PREFECT_API_URL })
}

function processOf(name: string): number {
  const state = readFileSync(join(root, '.prefect', name, 'server.json'), 'utf8')
  return (JSON.parse(state) as { pid: number }).pid
}

beforeAll(async () => {
  for (const name of names) ports.set(name, await freePort())
  for (const { exitCode, output } of await Promise.all(
    names.map((name) => server('launch', name)),
  )) {
    if (exitCode !== 0) throw new Error(output)
  }
}, patience)

afterAll(async () => {
  for (const name of names) {
    await server('kill', name)
    for (const folder of ['.prefect', '.data'])
      rmSync(join(root, folder, name), { recursive: true, force: true })
  }
}, patience)

describe('two environments', () => {
  it('run side by side, each with its own home, port and profile', async () => {
    for (const name of names) {
      const { output } = await server('status', name)
      expect(output).toContain(`${name}: running at http://127.0.0.1:${ports.get(name)}/api`)
      const profiles = readFileSync(join(root, '.prefect', name, 'profiles.toml'), 'utf8')
      expect(profiles).toContain(`PREFECT_API_URL = "http://127.0.0.1:${ports.get(name)}/api"`)
      expect((await server('launch', name)).output).toContain('already running')
    }
  })

  it('answer Prefect itself by their PREFECT_HOME alone', () => {
    const PREFECT_HOME = join(root, '.prefect', names[0])
    const prefect = spawnSync('.venv/bin/prefect', ['config', 'view', '--show-sources'], {
      cwd: root,
      env: cleanEnvironment({ PREFECT_HOME }),
      encoding: 'utf8',
    })
    expect(prefect.stdout).toContain(
      `PREFECT_API_URL='http://127.0.0.1:${ports.get(names[0])}/api'`,
    )
  })

  it(
    'the same command writes to two places, because each server has its own blocks',
    { timeout: patience },
    async () => {
      for (const name of names) {
        const { output, exitCode } = await etl(name, ['2013-01-01'])
        expect(output).toContain('UA United Air Lines')
        expect(exitCode).toBe(0)
      }
      for (const name of names) expect(reportsIn(join(root, '.data', name))).toEqual([report])
    },
  )

  it('and, remotely, to two folders of one bucket', { timeout: patience }, async () => {
    const s3 = await startRclone()
    const env = {
      PREFECT_TS_S3_ENDPOINT: s3.url,
      PREFECT_TS_S3_ACCESS_KEY_ID: s3Keys.accessKeyId,
      PREFECT_TS_S3_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
    }
    try {
      const bucket = join(s3.folder, 'etl-data')
      for (const [index, name] of names.entries()) {
        const { output, exitCode } = await etl(name, ['--remote', '2013-01-01'], env)
        expect(output).toContain(`data in s3://etl-data/willowdata/${name} at ${s3.url}`)
        expect(exitCode).toBe(0)
        // The other environment's folder is as it was.
        expect(reportsIn(bucket)).toEqual([])
        expect(globSync('willowdata/*', { cwd: bucket })).toHaveLength(index + 1)
        expect(reportsIn(join(bucket, 'willowdata', name))).toEqual([report])
      }
    } finally {
      await s3.stop()
    }
  })

  it('hand what .env says of data to the flow and its job', { timeout: patience }, async () => {
    const [name] = names
    const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-data-'))
    const file = join(root, '.env')
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    try {
      // What others run meanwhile reads the file too: to them it says the default.
      const line = 'PREFECT_DATA_BLOCK_LOCAL=local-file-system/${CHECK_BLOCK:-etl-data}\n'
      writeFileSync(file, `${before ?? ''}\n${line}`)
      saveLocalBlock(name, `own-${id}`, folder)
      const { output, exitCode } = await etl(name, ['2013-01-02'], { CHECK_BLOCK: `own-${id}` })
      expect(output).toContain(`data in the block local-file-system/own-${id}`)
      expect(exitCode).toBe(0)
      // The flow's files and the job's.
      expect(globSync('extracts/**/data.csv', { cwd: folder })).not.toEqual([])
      expect(reportsIn(folder)).toEqual([report.replace('01-01', '01-02')])

      const set = { CHECK_BLOCK: `own-${id}`, PREFECT_DATA_BLOCK_LOCAL: 's3-bucket/not-there' }
      const shell = await etl(name, ['2013-01-02'], set)
      expect(shell.output).toContain('The server has no block s3-bucket/not-there: save it, or')
      expect(shell.exitCode).toBe(1)
    } finally {
      if (before === undefined) rmSync(file)
      else writeFileSync(file, before)
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('register their blocks again without harm, and list them', async () => {
    const before = (await task('ls', names[0])).output
    expect(before).toContain('local-file-system/etl-data')
    const blocks = await task('blocks', names[0])
    expect(blocks.exitCode).toBe(0)
    expect(firstColumn((await task('ls', names[0])).output)).toEqual(firstColumn(before))
    expect((await task('ui', names[0])).output).toContain(`:${ports.get(names[0])}/v2/dashboard`)
  })

  it('take the command line to their server, and give its exit code', async () => {
    const listed = await task('cli', names[0], 'blocks', 'ls')
    expect(listed).toEqual(await task('ls', names[0]))
    const wrong = await task('cli', names[0], 'blocks', 'lss')
    expect(wrong.exitCode).toBe(2)
    expect(wrong.output).toContain('there is no command "blocks lss"')
  })

  it.each([
    [['--remot', 's3'], '"--remot" is not known, only days and --remote with one of s3, gcs,'],
    [['s3'], '"s3" is not known, only days and --remote with one of s3, gcs, azure.'],
    [['2013-01-01', '--remote', 'ftp'], '"ftp" is no object store, known are s3, gcs, azure.'],
    [['--remote', 's3', '2014-01-01'], '2014-01-01 has no flights'],
    [['2013-01-32'], '"2013-01-32" is not a date'],
  ])('run no flow for the words %j', async (words, message) => {
    const { output, exitCode } = await etl(names[0], words)
    expect(output).toContain(`just etl: ${message}`)
    expect(exitCode).toBe(1)
  })

  it('say what is in force and from where, without the password', async () => {
    const { output, exitCode } = await runTask('scripts/environment.ts', ['env'], {
      PREFECT_TS_ENV: names[0],
      PREFECT_TS_PORT: String(ports.get(names[0])),
      PREFECT_API_AUTH_STRING: 'admin:hunter2secret',
      PREFECT_TS_DATABASE_URL: 'postgresql+asyncpg://prefect:hunter2secret@localhost/{environment}',
    })
    expect(exitCode).toBe(0)
    expect(output).toMatch(new RegExp(`environment +${names[0]} +PREFECT_TS_ENV`))
    expect(output).toMatch(/server +running/)
    expect(output).toMatch(/apiUrl .* profile "check-.*" of /)
    expect(output).toContain(`//prefect:********@localhost/${names[0]}`)
    expect(output).not.toContain('hunter2secret')
  })

  it(
    'survive a server that was killed, and a state file that was cut',
    { timeout: patience },
    async () => {
      const [name] = names
      const pid = processOf(name)
      process.kill(pid, 'SIGKILL')
      while (
        existsSync(`/proc/${pid}/cmdline`) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
      ) {
        await sleep(50)
      }
      expect((await server('status', name)).output).toContain(`${name}: not running`)
      expect((await server('launch', name)).output).toContain(`${name}: running`)
      writeFileSync(join(root, '.prefect', name, 'server.json'), '{"pid": 1')
      expect((await server('status', name)).output).toContain(`(process `)
      expect((await server('kill', name)).output).toContain('stopped')
    },
  )

  it('say who has the port', async () => {
    const [name] = names
    await server('kill', name)
    const other = createServer().listen(ports.get(name), '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { output, exitCode } = await server('launch', name)
    await new Promise((resolve) => other.close(resolve))
    expect(exitCode).toBe(1)
    expect(output).toContain(`Port ${ports.get(name)} is taken by process ${process.pid} (`)
  })

  it('are deleted only when that was said', async () => {
    const [, name] = names
    const asked = await server('reset', name)
    expect(asked.exitCode).toBe(1)
    expect(asked.output).toContain('say --yes')
    expect(existsSync(join(root, '.prefect', name))).toBe(true)
    expect((await server('reset', name, '--yes')).output).toContain('deleted')
    expect(existsSync(join(root, '.prefect', name))).toBe(false)
    expect((await server('status', name)).output).toContain('not running')
  })
})

describe('the environment in use', () => {
  const choice = join(root, '.prefect', 'environment')
  const before = existsSync(choice) ? readFileSync(choice, 'utf8') : undefined
  afterAll(() => {
    if (before === undefined) rmSync(choice, { force: true })
    else writeFileSync(choice, before)
  })

  it('is the one that was chosen, else that of the git branch', async () => {
    expect((await use('main')).output).toMatch(
      /^main \(`just use`\), http:\/\/127\.0\.0\.1:4241\/api/,
    )
    const git = spawnSync('git', ['branch', '--show-current'], { cwd: root, encoding: 'utf8' })
    const expected = git.stdout.trim() === 'main' ? 'main' : 'dev'
    expect((await use()).output).toMatch(new RegExp(`^${expected} \\(git branch`))
    const wrong = await use('../x')
    expect(wrong.exitCode).toBe(1)
    expect(wrong.output).toContain('is not an environment')
  })
})
