import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanEnvironment, freePort, root } from '../../../scripts/lib/prefect-server.ts'

// Environments of this test alone, beside those of whoever works here.
const id = crypto.randomUUID().slice(0, 6)
const names = [`check-${id}-a`, `check-${id}-b`] as const
const ports = new Map<string, number>()
const patience = 180_000

interface Finished {
  exitCode: number | null
  output: string
}

/** What a `just` task runs, as in a shell of its own. */
function runTask(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, ['-C', '@prefect-ts/source', script, ...args], {
    cwd: root,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode) => setTimeout(() => resolve({ exitCode, output }), 50))
  })
}

function server(command: string, name: string, ...more: string[]): Promise<Finished> {
  const port = String(ports.get(name))
  return runTask('scripts/server.ts', [command, name, ...more], { PREFECT_TS_PORT: port })
}

function task(command: string, name: string, ...args: string[]): Promise<Finished> {
  const env = { PREFECT_TS_ENV: name, PREFECT_TS_PORT: String(ports.get(name)) }
  return runTask('scripts/environment.ts', [command, ...args], env)
}

const use = (...args: string[]): Promise<Finished> =>
  runTask('scripts/environment.ts', ['use', ...args])

/** The reports of an environment. */
const filesOf = (name: string): string[] =>
  globSync('reports/**/data.parquet', { cwd: join(root, '.data', name) }).toSorted()

/** The first column of a listing: the others have times. */
const firstColumn = (text: string): string[] =>
  text.split('\n').map((line) => line.split('\t')[0] ?? '')

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
        const { output, exitCode } = await runTask('scripts/etl.ts', ['2013-01-01'], {
          PREFECT_TS_ENV: name,
          PREFECT_TS_PORT: String(ports.get(name)),
        })
        expect(output).toContain('UA United Air Lines')
        expect(exitCode).toBe(0)
      }
      expect(filesOf(names[0])).toContain(
        'reports/parquet/dataset=carrier_delays/rundate=2013-01-01/data.parquet',
      )
      expect(filesOf(names[1])).toEqual(filesOf(names[0]))
    },
  )

  it('register their blocks again without harm, and list them', async () => {
    const before = (await task('ls', names[0])).output
    expect(before).toContain('local-file-system/etl-data')
    const blocks = await task('blocks', names[0])
    expect(blocks.exitCode).toBe(0)
    expect(firstColumn((await task('ls', names[0])).output)).toEqual(firstColumn(before))
    expect((await task('ui', names[0])).output).toContain(`:${ports.get(names[0])}/v2/dashboard`)
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
    expect(output).toContain(`//********@localhost/${names[0]}`)
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
