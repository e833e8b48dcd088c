import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createSecret } from '@prefect-ts/api'
import { createContext, spawnJob } from './spawn-job.ts'
import { openRun } from '../src/open-run.ts'
import { apiUrl, createFlowRun, readAllLogs, useClient } from './server.ts'

const client = useClient()

const manyLines = process.env['PREFECT_TS_TRIALS'] === 'full' ? 100_000 : 10_000

it(`loses none of ${manyLines} log lines and keeps their order`, { timeout: 300_000 }, async () => {
  const flowRun = await createFlowRun(client)
  const context = createContext({ flowRun, params: { mode: 'logs', lines: manyLines } })
  const { code, stderr } = await spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl }).exit
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const messages = (await readAllLogs(client, flowRun.id)).map((line) => line.message)
  expect(messages).toHaveLength(manyLines)
  expect(messages.every((message, index) => message === `line ${index} index=${index}`)).toBe(true)
})

it(
  'takes under 5 % of the CPU of a job that works 0.4 ms a line',
  { timeout: 900_000 },
  async () => {
    const flowRun = await createFlowRun(client)
    const full = manyLines === 100_000
    const lines = full ? 100_000 : 5_000
    const context = createContext({ flowRun, params: { mode: 'busy-logs', lines } })
    const { code, stdout } = await spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl }).exit
    expect(code).toBe(0)
    const { alone, withLogs } = JSON.parse(stdout) as { alone: number; withLogs: number }
    const share = (withLogs - alone) / withLogs
    if (full)
      console.log(`${lines} lines: ${(withLogs - alone).toFixed(0)} ms of ${withLogs.toFixed(0)}`)
    // Of a few lines the compiling of what sends them is a larger part, and other processes a larger error.
    expect(share).toBeLessThan(full ? 0.05 : 0.2)
  },
)

it('shows log lines with their levels, artifacts and progress in the flow run', async () => {
  const flowRun = await createFlowRun(client)
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
  await run.artifact.link({ url: 'https://prefect.io', text: 'Prefect' })
  await run.artifact.image({ url: 'https://prefect.io/x.png' })
  await run.artifact.chart({ key: 'chart', labels: ['a'], values: [1] })
  for (const fraction of [0, 0.25, 0.5, 1]) run.progress(fraction)
  await run.complete({ rows: 1 })

  expect(context.readResult()).toEqual({ protocol: 1, ok: true, result: { rows: 1 } })
  const lines = (await readAllLogs(client, flowRun.id)).map(({ level, message }) => ({
    level,
    message,
  }))
  expect(lines).toEqual([
    { level: 20, message: 'shown' },
    { level: 30, message: 'careful' },
  ])
  const artifacts = await client.post('/artifacts/filter', {
    body: { artifacts: { flow_run_id: { any_: [flowRun.id] } } },
  })
  const texts = artifacts.filter(({ type }) => type === 'markdown').map(({ data }) => String(data))
  expect(texts.map((text) => text.slice(0, 12)).toSorted()).toEqual([
    '![chart](dat',
    '# hello',
    '[Prefect](ht',
  ])
  const byType = new Map(artifacts.map((artifact) => [artifact.type, artifact]))
  expect(byType.get('image')?.data).toBe('https://prefect.io/x.png')
  expect(JSON.parse(String(byType.get('table')?.data))).toEqual([
    { a: 1, b: null, c: '100000000000000000000' },
  ])
  expect(byType.get('progress')?.data).toBe(100)
  expect(byType.size).toBe(4)
})

it('masks secrets in log lines, also one that becomes known after the line', async () => {
  const flowRun = await createFlowRun(client)
  const context = createContext({ flowRun, params: {}, parentProcessId: process.ppid })
  const run = await openRun({ env: { ...context.env, PREFECT_API_URL: apiUrl }, argv: [] })
  const value = `canary-${randomUUID()}`
  run.log.info(`early ${value}`)
  const secret = createSecret(value)
  run.log.info(`a ${value}`, { secret, raw: value, deep: { raw: [value] } })
  run.log.error('b', { error: new Error(`c ${value}`) })
  await run.complete()
  const text = JSON.stringify(await readAllLogs(client, flowRun.id))
  expect(text).toContain('early ********')
  expect(text).not.toContain(value)
})

it('cuts a line to what the server takes, counted in bytes of its JSON', async () => {
  const flowRun = await createFlowRun(client)
  const context = createContext({ flowRun, params: {}, parentProcessId: process.ppid })
  const env = { PREFECT_API_URL: apiUrl, PREFECT_LOGGING_TO_API_MAX_LOG_SIZE: '25000' }
  const run = await openRun({ env: { ...context.env, ...env }, argv: [] })
  const texts = [
    'x'.repeat(30_000),
    '\u0001'.repeat(10_000),
    'ü'.repeat(24_000),
    'x'.repeat(24_000),
  ]
  for (const text of texts) run.log.info(text)
  await run.complete()
  const messages = (await readAllLogs(client, flowRun.id)).map((line) => line.message)
  expect(messages).toHaveLength(4)
  for (const message of messages.slice(0, 3)) {
    expect(message).toMatch(/\.\.\. \[truncated\]$/)
    expect(JSON.stringify(message).length).toBeLessThan(25_000)
  }
  expect(messages[0]?.length).toBeGreaterThan(24_000)
  expect(messages[3]).toBe(texts[3])
})

it('drops lines below the level of the settings, and sends none when they say so', async () => {
  const flowRun = await createFlowRun(client)
  const params = { mode: 'return', value: 1 }
  for (const settings of [
    { PREFECT_LOGGING_LEVEL: 'ERROR' },
    { PREFECT_LOGGING_TO_API_ENABLED: 'false' },
  ]) {
    const context = createContext({ flowRun, params })
    const job = spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl, ...settings })
    const { code, stderr } = await job.exit
    expect(code).toBe(0)
    expect(stderr.includes('hello')).toBe('PREFECT_LOGGING_TO_API_ENABLED' in settings)
  }
  expect(await readAllLogs(client, flowRun.id)).toEqual([])
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
  const context = createContext({ flowRun: await createFlowRun(client), params: { mode: 'exits' } })
  const { code, stderr } = await spawnJob([], { ...context.env, PREFECT_API_URL: apiUrl }).exit
  expect(code).toBe(3)
  expect(stderr).toMatch(/ERROR +cannot go on\n/)
})
