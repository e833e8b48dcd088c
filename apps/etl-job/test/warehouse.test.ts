import { createClient } from '@prefect-ts/api'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { WarehouseResult } from '../src/warehouse-job.ts'
import { environment, python } from './flows.ts'
import { day } from './inputs.ts'
import { startPostgres, type Postgres } from '../../../test/servers/postgres.ts'

interface Answer {
  message: string
  result: WarehouseResult | null
  flowRun: string
  rows: object[]
}

const folder = mkdtempSync(join(tmpdir(), 'etl-warehouse-'))
const data = join(folder, 'data')
const name = basename(folder).toLowerCase()
// What a URL would make something else of.
const password = 'canary p@ss/w?rd#:%41&+é'
let postgres: Postgres
let answer: Answer
let output: string

beforeAll(async () => {
  if (!existsSync(join(import.meta.dirname, '../dist/warehouse.js'))) {
    throw new Error('The job is not built: run `just build` first.')
  }
  postgres = await startPostgres(password)
  const { port, user } = postgres
  const request = { name, data, port, user, password, database: 'postgres', day }
  ;({ answer, output } = await runWarehouse(request))
}, 240_000)

afterAll(async () => {
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs `fixtures/warehouse.py`, which answers on a channel of its own: stdout and stderr are what users see. */
async function runWarehouse(request: object): Promise<{ answer: Answer; output: string }> {
  const script = join(import.meta.dirname, 'fixtures/warehouse.py')
  const child = spawn(python, [script, '3'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: environment({
      PREFECT_API_URL: inject('prefectApiUrl'),
      PREFECT_HOME: join(folder, 'home'),
      PREFECT_DATA_BLOCK_LOCAL: `local-file-system/${name}`,
    }),
  })
  let text = ''
  let answered = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => (text += String(part)))
  }
  child.stdio[3]?.on('data', (part) => (answered += String(part)))
  child.stdin.end(JSON.stringify(request))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`warehouse.py ended with ${String(code)}:\n${text}`)
  return { answer: JSON.parse(answered) as Answer, output: text }
}

it('reads the table that the block of Python names', () => {
  expect(answer).toMatchObject({ result: { carriers: answer.rows } })
  const flights = answer.result?.carriers.reduce((sum, row) => sum + row.flights, 0)
  // The same day as of the example from csv files.
  expect([answer.rows.length, flights]).toEqual([14, 842])
  const path = `reports/ndjson/dataset=warehouse_delays/rundate=${day}/data.ndjson`
  expect(answer.result?.paths).toEqual([path])
  const lines = readFileSync(join(data, path), 'utf8').trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(answer.rows)
})

it('shows the password nowhere', async () => {
  const client = createClient({ apiUrl: inject('prefectApiUrl') })
  const flowRun = { flow_run_id: { any_: [answer.flowRun] } }
  const logs = await client.post('/logs/filter', { body: { logs: flowRun } })
  await client.close()
  const messages = logs.map(({ message }) => message).join('\n')
  expect(messages).toContain(`Read 14 carriers from sqlalchemy-connector/${name}`)
  const everything = `${messages}\n${output}\n${JSON.stringify(answer)}`
  expect(everything).not.toContain('canary')
  expect(everything).not.toContain(encodeURIComponent(password).slice(0, 12))
})
