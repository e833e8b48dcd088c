import { createClient, type Client } from '@prefect-ts/api'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { root } from '../../../scripts/lib/prefect-server.ts'
import { environment, job } from './flows.ts'

// An environment of this test alone, on the server of the test run: its port makes it that one.
const name = `deploy-${crypto.randomUUID().slice(0, 6)}`
const apiUrl = inject('prefectApiUrl')
const env = environment({
  PREFECT_TS_ENV: name,
  PREFECT_TS_PORT: new URL(apiUrl).port,
  PREFECT_API_URL: apiUrl,
})

interface Task {
  child: ChildProcess
  output(): string
  end: Promise<number | null>
}

let client: Client
let worker: Task

/** What a `just` task or a command line runs. */
function start(...args: string[]): Task {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const end = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, output: () => output, end }
}

async function deploy(): Promise<string> {
  const task = start('scripts/deploy.ts', 'deploy', name)
  if ((await task.end) !== 0) throw new Error(task.output())
  return task.output()
}

function runsStart(days: readonly string[]): Task {
  const cli = ['-C', '@prefect-ts/source', 'packages/cli/src/bin.ts', 'runs', 'start', 'etl/daily']
  return start(...cli, '--param', `rundates=${JSON.stringify(days)}`, '--watch')
}

async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  for (let waited = 0; waited < 240; waited += 1) {
    const value = await look()
    if (value) return value
    await sleep(1_000)
  }
  throw new Error(`not within 240 s: ${what}\n${worker?.output()}`)
}

const deploymentsOf = async (): Promise<Map<string, { id: string; schema: unknown }>> => {
  const all = await client.post('/deployments/filter', {
    body: { work_pools: { name: { any_: ['etl'] } } },
  })
  return new Map(
    all.map((each) => [each.name, { id: each.id, schema: each.parameter_openapi_schema }]),
  )
}

/** Processes with this test's environment, as far as they are not this test. */
function processes(): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`PREFECT_TS_ENV=${name}`))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => command !== '')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

beforeAll(async () => {
  if (!existsSync(job)) throw new Error('The job is not built: run `just build` first.')
  client = createClient({ apiUrl })
})
afterAll(async () => {
  worker?.child.kill('SIGINT')
  await worker?.end
  for (const { id } of (await deploymentsOf()).values()) {
    await client.delete('/deployments/{id}', { path: { id } })
  }
  await client?.close()
  for (const folder of ['.prefect', '.data']) {
    rmSync(join(root, folder, name), { recursive: true, force: true })
  }
})

it('creates the work pool and the deployments, and changes nothing when repeated', async () => {
  const first = await deploy()
  expect(first).toContain(`${name}, ${apiUrl.replace(/api$/, 'v2')}/deployments`)
  expect(first).toMatch(/ {2}etl\/daily +0 6 \* \* \* America\/New_York \(paused\)/)
  const pool = await client.get('/work_pools/{name}', { path: { name: 'etl' } })
  expect(pool.type).toBe('process')
  const before = await deploymentsOf()
  expect([...before.keys()]).toEqual(expect.arrayContaining(['again', 'daily']))
  expect(await deploy()).toContain('etl/daily')
  expect(await deploymentsOf()).toEqual(before)
})

it("shows the job's own schema as the form, and the server refuses what the job would", async () => {
  const { id, schema } = (await deploymentsOf()).get('again') ?? { id: '' }
  expect(JSON.stringify(schema)).toContain('"rundate"')
  const refused = client.post('/deployments/{id}/create_flow_run', {
    path: { id },
    body: { parameters: { params: { rundate: 'yesterday' } } },
  })
  await expect(refused).rejects.toMatchObject({ code: 'CONFLICT' })
})

it('runs what a schedule starts, and what `prefect-ts runs start --watch` starts', async () => {
  worker = start('scripts/deploy.ts', 'worker', name)
  await until('the worker', () => worker.output().includes('started!'))
  const { id } = (await deploymentsOf()).get('daily') ?? { id: '' }
  const schedules = await client.post('/deployments/{id}/schedules', {
    path: { id },
    body: [{ active: true, schedule: { interval: 'PT60S' } }],
  })
  const scheduled = await until('the scheduled run', async () => {
    const runs = await client.post('/flow_runs/filter', {
      body: { deployments: { id: { any_: [id] } } },
    })
    return runs.find((run) => run.auto_scheduled === true && run.state?.type === 'COMPLETED')
  })
  for (const schedule of schedules) {
    await client.delete('/deployments/{id}/schedules/{schedule_id}', {
      path: { id, schedule_id: schedule.id ?? '' },
    })
  }
  const started = scheduled.expected_start_time?.slice(5, 10)
  const day = `2013-${started?.replace('02-29', '02-28')}`
  expect(scheduled.name).toBe(`etl-${day}`)
  const reports = join(root, '.data', name, 'reports/parquet/dataset=carrier_delays')
  expect(readdirSync(reports)).toContain(`rundate=${day}`)

  const run = runsStart(['2013-03-01'])
  expect(await run.end).toBe(0)
  expect(run.output()).toContain('2013-03-01: read back and checked')
  expect(readdirSync(reports)).toContain('rundate=2013-03-01')
})

it('ends the worker on Ctrl-C: once, with its jobs, and its runs are not left running', async () => {
  const days = Array.from(
    { length: 31 },
    (_, index) => `2013-05-${String(index + 1).padStart(2, '0')}`,
  )
  const run = runsStart(days)
  await until('a job at work', () =>
    processes().some((command) => command.includes('dist/main.js')),
  )
  worker.child.kill('SIGINT')
  worker.child.kill('SIGINT')
  expect(await worker.end).toBe(130)
  expect(worker.output().match(/Received SIGINT/g)).toHaveLength(1)
  expect(worker.output()).toMatch(/Flow run etl-2013-05-01-and-30-more: crashed/)
  // `--watch` ends with the run: 3 says that it did not complete.
  expect(await run.end).toBe(3)
  await until('no process is left', () => processes().length === 0)
})
