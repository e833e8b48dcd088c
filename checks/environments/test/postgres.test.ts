import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort, root } from '../../../scripts/lib/prefect-server.ts'
import { startPostgres, type Postgres } from '../../../test/servers/postgres.ts'
import { runTask, type Finished } from './run-task.ts'

const name = `check-${crypto.randomUUID().slice(0, 6)}-pg`
const home = join(root, '.prefect', name)
// What a URL, a shell or a configuration file would make something else of.
const password = 'canary p@ss/%41$HOME'
const written = encodeURIComponent(password)
const patience = 300_000
let postgres: Postgres
let env: Record<string, string>
/** All that the tasks have printed. */
let shown = ''

async function task(script: string, args: string[], more = {}): Promise<Finished> {
  const finished = await runTask(`scripts/${script}.ts`, args, { ...env, ...more })
  shown += finished.output
  return finished
}

/** What an API of the environment's server answers. */
async function ask(path: string, body: object): Promise<unknown> {
  const url = `http://127.0.0.1:${env['PREFECT_TS_PORT']}/api${path}`
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return await response.json()
}

beforeAll(async () => {
  postgres = await startPostgres(password)
  postgres.createDatabase(`prefect_${name}`)
  const login = `${encodeURIComponent(postgres.user)}:${written}`
  env = {
    PREFECT_TS_ENV: name,
    PREFECT_TS_PORT: String(await freePort()),
    PREFECT_TS_DATABASE_URL: `postgresql+asyncpg://${login}@127.0.0.1:${postgres.port}/prefect_{environment}`,
  }
}, patience)

afterAll(async () => {
  if (env !== undefined) await task('server', ['kill'])
  await postgres?.stop()
  for (const folder of ['.prefect', '.data']) {
    rmSync(join(root, folder, name), { recursive: true, force: true })
  }
}, patience)

it(
  'keeps the runs of an environment over a restart of its server',
  { timeout: patience },
  async () => {
    expect((await task('server', ['launch'])).output).toContain(`${name}: running`)
    const etl = await task('etl', ['2013-01-01'])
    expect(etl.output).toContain('UA United Air Lines')
    expect(etl.exitCode).toBe(0)
    const before = await ask('/flow_runs/filter', {})
    expect(before).toMatchObject([{ name: 'etl-2013-01-01', state_type: 'COMPLETED' }])

    expect((await task('server', ['kill'])).output).toContain('stopped')
    expect((await task('server', ['launch'])).output).toContain(`${name}: running`)
    const [{ id }] = before as [{ id: string }]
    expect(await ask('/flow_runs/filter', {})).toMatchObject([{ id, state_type: 'COMPLETED' }])
    expect(existsSync(join(home, 'prefect.db'))).toBe(false)
  },
)

it('shows the password nowhere', { timeout: patience }, async () => {
  const { output } = await task('environment', ['env'])
  expect(output).toContain(`:********@127.0.0.1:${postgres.port}/prefect_${name} `)
  await task('server', ['status'])
  shown += spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout

  await task('server', ['kill'])
  const refused = await task('server', ['launch'], {
    PREFECT_TS_DATABASE_URL: env['PREFECT_TS_DATABASE_URL']?.replace('{environment}', 'absent'),
  })
  expect(refused.output).toContain('database "prefect_absent" does not exist')
  expect(refused.exitCode).toBe(1)
  const cut = await task('server', ['launch'], {
    PREFECT_TS_DATABASE_URL: `postgres://x:${password}@h`,
  })
  expect(cut.output).toContain('PREFECT_TS_DATABASE_URL is not a URL like postgresql+asyncpg://')
  await task('environment', ['env'], {
    PREFECT_TS_DATABASE_URL: `postgres://x:${password}@h/d?password=${password}`,
  })

  const files = readdirSync(home, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
  expect(files.length).toBeGreaterThan(1)
  for (const text of [shown, ...files]) {
    expect(text).not.toContain('canary')
  }
  expect(shown).toContain(name)
})

it('says on a reset that the runs stay', { timeout: patience }, async () => {
  const { output } = await task('server', ['reset', '--yes'])
  expect(output).toMatch(/deleted .*\. Its runs and blocks stay in postgresql\+asyncpg:.*:\*{8}@/)
  expect(existsSync(home)).toBe(false)
})
