import { createClient, type Client, type FlowRun } from '@prefect-ts/api'
import { saveBlock } from '@prefect-ts/blocks'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  freePort,
  startServer,
  venv,
  type RunningServer,
} from '../../../scripts/lib/prefect-server.ts'
import {
  kill,
  processesWith,
  startWorker,
  watchReports,
  type Watcher,
  type Worker,
} from './fleet.ts'
import { environment, job, python } from './flows.ts'

const full = process.env['PREFECT_TS_TRIALS'] === 'full'
const dayCount = full ? 60 : 9
const killCount = full ? 10 : 2
const workerCount = 3
const days = Array.from({ length: dayCount }, (_, index) =>
  new Date(Date.UTC(2013, 6, 1 + index)).toISOString().slice(0, 10),
)

const id = `fleet-${crypto.randomUUID().slice(0, 6)}`
const folder = mkdtempSync(join(tmpdir(), `${id}-`))
const data = join(folder, 'data')
// A server of its own: on SQLite, one that several workers write to may stand still for a minute, all its clients with it.
const port = await freePort()
const apiUrl = `http://127.0.0.1:${port}/api`
const env = environment({
  PREFECT_API_URL: apiUrl,
  PREFECT_HOME: join(folder, 'home'),
  PREFECT_DATA_BLOCK_LOCAL: `local-file-system/${id}`,
  PREFECT_WORKER_QUERY_SECONDS: '3',
  PREFECT_TS_FLEET: id,
})

let server: RunningServer
let client: Client
let watcher: Watcher
let workers: Worker[] = []

beforeAll(async () => {
  if (!existsSync(job)) throw new Error('The job is not built: run `just build` first.')
  server = await startServer({ home: join(folder, 'server'), port })
  client = createClient({ apiUrl })
  mkdirSync(data)
  await saveBlock({ type: 'local-file-system', name: id, data: { basepath: data } }, { client })
  await saveBlock({ type: 'secret', name: 'etl-signing-key', data: { value: id } }, { client })
  await client.post('/work_pools/', {
    body: { name: id, type: 'process', concurrency_limit: workerCount },
  })
  await deploy()
})
afterAll(async () => {
  watcher?.stop()
  for (const pid of processesWith(`PREFECT_TS_FLEET=${id}`)) kill(pid)
  await client?.close()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** The deployment of one day, as apps/etl-job/prefect.yaml has it, but of this test's flow and pool. */
async function deploy(): Promise<void> {
  const file = join(folder, 'prefect.yaml')
  // Naming the command saves a start of Python a run; the full trials leave it to Prefect.
  const command = full ? {} : { command: `${python} -m prefect.engine` }
  const deployment = {
    name: id,
    entrypoint: 'test/fixtures/fleet.py:day',
    work_pool: {
      name: id,
      job_variables: {
        ...command,
        stream_output: false,
        env: { PREFECT_FLOWS_HEARTBEAT_FREQUENCY: '30' },
      },
    },
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ deployments: [deployment] }))
  const { status, stdout, stderr } = spawnSync(
    join(venv, 'bin/prefect'),
    ['--no-prompt', 'deploy', '--all', '--prefect-file', file],
    { cwd: join(import.meta.dirname, '..'), env, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stdout + stderr)
}

/** One reconciler. Resolves with the type and message of its flow run's last state. */
function startBackfill(parameters: Record<string, unknown>): Promise<unknown> {
  const script = join(import.meta.dirname, 'fixtures/fleet.py')
  const given = { deployment: `etl-fleet/${id}`, look_every_seconds: 4, ...parameters }
  const child = spawn(python, [script, JSON.stringify(given)], { cwd: folder, env })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output))
      else reject(new Error(errors))
    })
  })
}

async function runsOf(): Promise<FlowRun[]> {
  const runs: FlowRun[] = []
  for await (const run of client.paginate('/flow_runs/filter', {
    body: { work_pools: { name: { any_: [id] } } },
  })) {
    runs.push(run)
  }
  return runs
}

/** Kills workers at random, each time another takes the place: every other one with its runs, the others alone. */
async function disturb(until: AbortSignal): Promise<string[]> {
  const kills: string[] = []
  for (let next = workerCount; kills.length < killCount && !until.aborted;) {
    await sleep(full ? 2_000 + Math.random() * 12_000 : 500)
    const busy = workers.filter((worker) => worker.engines().length > 0)
    const victim = busy[Math.floor(Math.random() * busy.length)]
    if (victim === undefined) continue
    const withRuns = kills.length % 2 === 0
    if (withRuns) victim.killTree()
    else victim.kill()
    kills.push(`${victim.name} ${withRuns ? 'and its runs' : 'alone'}`)
    workers = workers.filter((worker) => worker !== victim)
    workers.push(startWorker(`worker-${next++}`, id, folder, env))
    if (!full) await sleep(8_000)
  }
  return kills
}

it(
  `makes every report of ${dayCount} days, while ${killCount} of its workers are killed`,
  { timeout: full ? 3_600_000 : 400_000 },
  async () => {
    watcher = watchReports(data)
    workers = Array.from({ length: workerCount }, (_, index) =>
      startWorker(`worker-${index}`, id, folder, env),
    )
    const over = new AbortController()
    const range = {
      first_day: days[0],
      last_day: days.at(-1),
      stale_after_seconds: 60,
      attempts: 9,
    }
    // Two reconcilers at once, as when somebody starts a second one.
    const backfills = Promise.all([startBackfill(range), startBackfill(range)])
    const disturbed = disturb(over.signal)
    const states = await backfills.finally(() => over.abort())
    const kills = await disturbed
    expect(kills).toHaveLength(killCount)
    const summary = `${dayCount} of ${dayCount} days have their report.`
    expect(states).toEqual([
      ['COMPLETED', summary],
      ['COMPLETED', summary],
    ])

    const runs = await runsOf()
    const dead = runs.filter(({ state }) => state?.message?.startsWith('No sign of life') ?? false)
    console.log(`${dayCount} days in ${runs.length} runs; killed: ${kills.join(', ')}`)
    expect(dead.length).toBeGreaterThan(0)
    // Two reconcilers, and one run an attempt. (A slow run that was thought dead may end well beside the next.)
    const attempts = Map.groupBy(runs, (run) => run.idempotency_key?.split('/').at(-2))
    for (const day of days) {
      const numbers = (attempts.get(day) ?? []).map((run) =>
        Number(run.idempotency_key?.split('/').at(-1)),
      )
      expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index))
    }

    // One day once more, by hand: the same bytes.
    const again = spawnSync(
      process.execPath,
      [
        job,
        '--params',
        JSON.stringify({ rundate: days[0], signing_key_block: 'secret/etl-signing-key' }),
      ],
      { cwd: folder, env, encoding: 'utf8' },
    )
    expect(again.stderr).toContain('Wrote ')
    await sleep(500)
    watcher.stop()
    expect(watcher.problems).toEqual([])
    expect([...watcher.versions.keys()].toSorted()).toEqual(days)
    expect(watcher.versions.get(days[0] ?? '')?.length).toBeGreaterThan(1)
    const digests = days.map((day) => [...new Set(watcher.versions.get(day))])
    expect(digests.map((each) => each.length)).toEqual(days.map(() => 1))
    const order = watcher.latest.map((digest) => digests.findIndex(([own]) => own === digest))
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(globSync('reports/**/.*', { cwd: data })).toEqual([])
  },
)
