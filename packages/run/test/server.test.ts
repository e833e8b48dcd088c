import { createClient, type Client } from '@prefect-ts/api'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createContext, spawnJob } from './spawn-job.ts'
import { openRun } from '../src/open-run.ts'

let client: Client
const apiUrl = inject('prefectApiUrl')

beforeAll(() => {
  client = createClient({ apiUrl })
})
afterAll(() => client.close())

async function createFlowRun(): Promise<{ id: string; name: string; scheduledStart: null }> {
  const flow = await client.post('/flows/', { body: { name: `run-test-${randomUUID()}` } })
  const run = await client.post('/flow_runs/', { body: { flow_id: flow.id } })
  return { id: run.id, name: run.name ?? '', scheduledStart: null }
}

async function readAllLogs(flowRunId: string): Promise<{ level: number; message: string }[]> {
  const lines = []
  for (let offset = 0; ; offset += 200) {
    const page = await client.post('/logs/filter', {
      body: {
        logs: { flow_run_id: { any_: [flowRunId] } },
        sort: 'TIMESTAMP_ASC',
        offset,
        limit: 200,
      },
    })
    lines.push(...page)
    if (page.length < 200) return lines
  }
}

const manyLines = process.env['PREFECT_TS_TRIALS'] === 'full' ? 100_000 : 10_000

it(`loses none of ${manyLines} log lines and keeps their order`, { timeout: 300_000 }, async () => {
  const flowRun = await createFlowRun()
  const context = createContext({ flowRun, params: { mode: 'logs', lines: manyLines } })
  const { code, stderr } = await spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl }).exit
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const messages = (await readAllLogs(flowRun.id)).map((line) => line.message)
  expect(messages).toHaveLength(manyLines)
  expect(messages.every((message, index) => message === `line ${index} index=${index}`)).toBe(true)
})

it('shows log lines with their levels, artifacts and progress in the flow run', async () => {
  const flowRun = await createFlowRun()
  const context = createContext({ flowRun, params: {}, parentProcessId: process.ppid })
  const run = await openRun({ env: { ...context.env, PREFECT_API_URL: apiUrl }, argv: [] })
  run.log.debug('hidden')
  run.log.info('shown')
  run.log.warning('careful')
  await run.artifact.table({
    key: 'numbers',
    rows: [{ a: 1, b: Number.NaN, c: 10n ** 20n }],
    description: 'n',
  })
  await run.artifact.markdown({ markdown: '# hello' })
  for (const fraction of [0, 0.25, 0.5, 1]) run.progress(fraction)
  await run.complete({ rows: 1 })

  expect(context.readResult()).toEqual({ protocol: 1, ok: true, result: { rows: 1 } })
  const lines = (await readAllLogs(flowRun.id)).map(({ level, message }) => ({ level, message }))
  expect(lines).toEqual([
    { level: 20, message: 'shown' },
    { level: 30, message: 'careful' },
  ])
  const artifacts = await client.post('/artifacts/filter', {
    body: { artifacts: { flow_run_id: { any_: [flowRun.id] } } },
  })
  const byType = new Map(artifacts.map((artifact) => [artifact.type, artifact]))
  expect(JSON.parse(String(byType.get('table')?.data))).toEqual([
    { a: 1, b: null, c: '100000000000000000000' },
  ])
  expect(byType.get('markdown')?.data).toBe('# hello')
  expect(byType.get('progress')?.data).toBe(100)
  expect(byType.size).toBe(3)
})

it('prints what it cannot send, and says how much that was', async () => {
  const context = createContext({
    flowRun: { id: randomUUID(), name: 'x', scheduledStart: null },
    params: { mode: 'return', value: 1 },
  })
  const env = {
    ...context.env,
    PREFECT_API_URL: 'http://127.0.0.1:9/api',
    PREFECT_CLIENT_MAX_RETRIES: '1',
  }
  const { code, stderr } = await spawnJob([], env).exit
  expect(code).toBe(0)
  expect(stderr).toContain('INFO     hello value=1')
  expect(stderr).toContain('1 log lines did not reach the Prefect API.')
})

it('prints the lines that process.exit leaves no time to send', async () => {
  const context = createContext({ flowRun: await createFlowRun(), params: { mode: 'exits' } })
  const { code, stderr } = await spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl }).exit
  expect(code).toBe(3)
  expect(stderr).toMatch(/ERROR +cannot go on\n/)
})
