import { createClient, type Client } from '@prefect-ts/api'
import { loadBlock } from '@prefect-ts/blocks'
import { DuckDBInstance } from '@duckdb/node-api'
import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Result } from '../src/job.ts'
import { environment, job, startFlows, type Flows, type FlowRun } from './flows.ts'
import { day, header, inputPaths } from './inputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'etl-job-test-'))
const data = join(folder, 'data')
const apiUrl = inject('prefectApiUrl')
// The server is shared: a block of our own.
const block = `local-file-system/${basename(folder).toLowerCase()}`
const signingKeyBlock = 'secret/etl-signing-key'
const report = `reports/parquet/dataset=carrier_delays/rundate=${day}/data.parquet`

let client: Client
let flows: Flows
let run: FlowRun
let result: Result

beforeAll(async () => {
  client = createClient({ apiUrl })
  flows = await startFlows(folder, {
    PREFECT_DATA_BLOCK_LOCAL: block,
    PREFECT_TS_DATA_DIRECTORY: data,
  })
  run = await flows.run({ rundates: [day], folders: [data] })
  if (run.state !== 'COMPLETED') throw new Error(`The flow run is ${run.state}: ${run.message}`)
  result = (run.result as Record<string, Result>)[day] as Result
})
afterAll(async () => {
  await flows?.stop()
  await client?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** SHA-256 of each file that the flow left in the data directory. */
function digests({ files }: FlowRun): Record<string, string> {
  return Object.fromEntries(
    (files[data] ?? []).map((path) => [path, sha256(readFileSync(join(data, path)))]),
  )
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

it('reports 842 flights; the result is what is in the files', async () => {
  expect(run.files[data]).toEqual([...inputPaths, report])
  expect(run.temporary).toEqual([])
  const bytes = readFileSync(join(data, report))
  const { value: key } = (await loadBlock(signingKeyBlock, { client })).data
  expect(result).toEqual({
    dataset: 'carrier_delays',
    rundate: day,
    rows: 14,
    flights: 842,
    bytes: bytes.length,
    sha256: sha256(bytes),
    paths: [report],
    uri: join(data, report),
    signature: createHmac('sha256', key.reveal()).update(sha256(bytes)).digest('hex'),
    carriers: await query(`FROM read_parquet('${data}/${report}', hive_partitioning = false)`),
  })
  // The report anew, in another way: from the csv file, with guessed types.
  const flights = `read_csv('${data}/${inputPaths[1]}', hive_partitioning = false)`
  const airlines = `read_csv('${data}/${inputPaths[0]}', hive_partitioning = false)`
  expect(
    await query(`SELECT carrier, any_value(name) AS name, count(*)::INTEGER AS flights,
      (count(*) - count(dep_delay))::INTEGER AS cancelled, round(mean(dep_delay), 2) AS mean_delay,
      round(quantile_cont(dep_delay, 0.9), 2) AS p90_delay
      FROM ${flights} AS flights JOIN ${airlines} AS airlines USING (carrier)
      GROUP BY carrier ORDER BY carrier`),
  ).toEqual(result.carriers)
  const [first] = readFileSync(join(data, inputPaths[1] ?? ''), 'utf8').split('\n')
  expect(first).toBe(header)
})

async function query(sql: string): Promise<unknown> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

it('shows log lines with their levels, two artifacts and the progress in the flow run', async () => {
  const flowRun = { flow_run_id: { any_: [run.id] } }
  const logs = await client.post('/logs/filter', { body: { logs: flowRun, sort: 'TIMESTAMP_ASC' } })
  const own = logs.filter((line) => line.name === 'prefect-ts.job')
  expect(own.map(({ level, message }) => [level, message])).toEqual([
    [20, `Read ${inputPaths[1]} and ${inputPaths[0]}`],
    [30, '4 of 842 flights never left'],
    [20, `Wrote ${report} rows=14 bytes=${result.bytes}`],
    [20, `Signed the report block=${signingKeyBlock} key=********`],
  ])
  const taskRuns = await client.post('/task_runs/filter', {
    body: { flow_runs: { id: { any_: [run.id] } } },
  })
  const taskRun = taskRuns.find(({ name }) => name === `carrier-delays-${day}`)
  expect(new Set(own.map((line) => line.task_run_id))).toEqual(new Set([taskRun?.id]))

  const artifacts = await client.post('/artifacts/filter', { body: { artifacts: flowRun } })
  const shown = new Map(artifacts.map((artifact) => [artifact.type, artifact]))
  // A task that returns a result has an artifact of type "result" too.
  shown.delete('result')
  expect(new Set(shown.keys())).toEqual(new Set(['markdown', 'progress', 'table']))
  expect(JSON.parse(String(shown.get('table')?.data))).toEqual(result.carriers)
  expect(shown.get('markdown')?.data).toContain('842 flights of 14 carriers')
  expect(shown.get('progress')?.data).toBe(100)
  for (const artifact of shown.values()) expect(artifact.task_run_id).toBe(taskRun?.id)
})

it('gives the same files and the same result when it runs again', async () => {
  const before = digests(run)
  const again = await flows.run({ rundates: [day], folders: [data] })
  expect(again.state).toBe('COMPLETED')
  expect(again.result).toEqual(run.result)
  expect(digests(again)).toEqual(before)
})

/** Runs the built job by hand, in an empty folder that it must leave empty. */
function runByHand(
  args: string[],
  env: Record<string, string> = {},
): { status: number | null; stdout: string; stderr: string } {
  const current = mkdtempSync(join(folder, 'by-hand-'))
  const own = environment({
    HOME: current,
    PREFECT_HOME: current,
    TMPDIR: join(folder, 'tmp'),
    ...env,
  })
  const options = { cwd: current, env: own, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [job, ...args], options)
  expect(readdirSync(current)).toEqual([])
  expect(readdirSync(join(folder, 'tmp'))).toEqual([])
  return { status, stdout, stderr }
}

it('runs from a terminal, with blocks from the server', () => {
  const params = JSON.stringify({ rundate: day, signing_key_block: signingKeyBlock })
  const env = { PREFECT_API_URL: apiUrl, PREFECT_DATA_BLOCK_LOCAL: block }
  const { status, stdout, stderr } = runByHand(['--params', params], env)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual(result)
  const lines = stderr.trimEnd().split('\n')
  expect(lines.map((line) => line.slice(13))).toEqual([
    `INFO     Read ${inputPaths[1]} and ${inputPaths[0]}`,
    'WARNING  4 of 842 flights never left',
    `INFO     Wrote ${report} rows=14 bytes=${result.bytes}`,
    `INFO     Signed the report block=${signingKeyBlock} key=********`,
  ])
})

it.for(['text', 'file'])('runs without any server, with blocks as JSON %s', (form) => {
  const basePath = join(folder, `copy-${form}`)
  cpSync(join(data, 'extracts'), join(basePath, 'extracts'), { recursive: true })
  let blocks = JSON.stringify({ 'local-file-system/etl-data': { basepath: basePath } })
  if (form === 'file') {
    const file = join(folder, 'blocks.json')
    writeFileSync(file, blocks)
    blocks = file
  }
  const params = JSON.stringify({ rundate: day })
  const { status, stdout, stderr } = runByHand(['--params', params, '--blocks', blocks])
  expect(status).toBe(0)
  const { signature: _, ...unsigned } = result
  expect(JSON.parse(stdout)).toEqual({ ...unsigned, uri: join(basePath, report) })
  expect(sha256(readFileSync(join(basePath, report)))).toBe(result.sha256)
  expect(stderr).toContain(`INFO     Wrote ${report}`)
})

it('says in one line why it failed, when run from a terminal', () => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  const blocks = JSON.stringify({ 'local-file-system/etl-data': { basepath: empty } })
  const args = (params: unknown): string[] => [
    '--params',
    JSON.stringify(params),
    '--blocks',
    blocks,
  ]
  const failures = [
    [
      args({ rundate: 1 }),
      'The job does not accept --params: "rundate": must be a date like "2013-01-31"',
      64,
    ],
    [
      [],
      'The job does not accept the params (no --params given): "rundate": must be a date like',
      64,
    ],
    [args({ rundate: day }), 'Dataset "flights" was not found at ', 66],
    [['--params', `{"rundate": "${day}"}`], 'No Prefect API URL', 64],
  ] as const
  for (const [given, message, expected] of failures) {
    const { status, stdout, stderr } = runByHand([...given])
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' })
    expect(stderr.split('\n')[0]?.slice(13)).toContain(`ERROR    ${message}`)
  }
})
