import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, setFlowRunState } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { runCli, runInTerminal } from './run-cli.ts'

const apiUrl = inject('prefectApiUrl')
const env = { PREFECT_API_URL: apiUrl }
const client = createClient({ apiUrl })
const name = `cli-${crypto.randomUUID().slice(0, 8)}`
const deployment = `${name}/nightly`

beforeAll(async () => {
  const flow = await client.post('/flows/', { body: { name } })
  await client.post('/deployments/', { body: { name: 'nightly', flow_id: flow.id } })
})
afterAll(() => client.close())

async function start(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runCli(['runs', 'start', deployment, ...args], { env })
  expect(stderr).toMatch(/: http:\/\/127\.0\.0\.1:\d+\/v2\/runs\/flow-run\/[\da-f-]{36}\n$/)
  expect(exitCode).toBe(0)
  return stdout.trim()
}

const read = (id: string) => client.get('/flow_runs/{id}', { path: { id } })
const log = (id: string, level: number, message: string) =>
  client.post('/logs/', {
    body: [{ name: 'job', level, message, timestamp: new Date().toISOString(), flow_run_id: id }],
  })

describe('runs start', () => {
  it('prints the id of a run that has the parameters, tags, name and time', async () => {
    const id = await start(
      '--params={"a": 1, "b": 2}',
      '--param=b=[3]',
      '--param=c=text',
      '--param=d=',
      '--param=e=null',
      '--tag=x',
      '--tag=y',
      `--name=${name}-named`,
      '--at=2040-01-31T06:00:00+01:00',
      `--idempotency-key=${name}-1`,
    )
    const run = await read(id)
    expect(run.parameters).toEqual({ a: 1, b: [3], c: 'text', d: '', e: null })
    expect(run.tags).toEqual(expect.arrayContaining(['x', 'y']))
    expect(run.name).toBe(`${name}-named`)
    expect(Date.parse(run.expected_start_time ?? '')).toBe(Date.UTC(2040, 0, 31, 5))
    expect(await start('--idempotency-key', `${name}-1`)).toBe(id)
  })

  it('says when there is no such deployment', async () => {
    const { exitCode, stderr } = await runCli(['runs', 'start', `${name}/none`], { env })
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`There is no deployment "${name}/none" on ${env.PREFECT_API_URL}`)
  })
})

describe('runs watch and logs', () => {
  it('shows states and logs until the run has ended, and ends by its state', async () => {
    for (const [type, exitCode] of [
      ['COMPLETED', 0],
      ['FAILED', 3],
    ] as const) {
      const id = await start()
      const watching = runCli(['runs', 'watch', id], { env })
      await setFlowRunState(client, id, { type: 'PENDING' })
      await setFlowRunState(client, id, { type: 'RUNNING' })
      await log(id, 20, 'first \u001b[31mline')
      await log(id, 40, 'trouble')
      await sleep(2500)
      await setFlowRunState(client, id, { type, message: 'so it is' })
      const { stdout, stderr, exitCode: code } = await watching
      expect(code).toBe(exitCode)
      expect(stderr).toContain('/v2/runs/flow-run/')
      const lines = stdout.trimEnd().split('\n')
      expect(
        lines.filter((line) => /^\d\d:\d\d:\d\d INFO {5}first \\x1b\[31mline$/.test(line)),
      ).toHaveLength(1)
      expect(lines.filter((line) => / ERROR {4}trouble$/.test(line))).toHaveLength(1)
      // After the last logs.
      const last = type === 'COMPLETED' ? 'Completed: so it is' : 'Failed: so it is'
      expect(lines.at(-1)).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${last}$`))
    }
  }, 40_000)

  it('names the task run that wrote a line', async () => {
    const id = await start()
    const key = { task_key: 'extract', dynamic_key: '0' }
    const body = { name: 'extract-0', flow_run_id: id, ...key }
    const { id: taskRunId } = await client.post('/task_runs/', { body })
    const line = { name: 'prefect.task_runs', level: 20, timestamp: new Date().toISOString() }
    await client.post('/logs/', {
      body: [taskRunId, crypto.randomUUID()].map((task_run_id, index) => ({
        ...line,
        message: `line ${index}`,
        flow_run_id: id,
        task_run_id,
      })),
    })
    const { stdout } = await runCli(['runs', 'logs', id], { env })
    expect(stdout).toMatch(/ INFO {5}extract-0: line 0\n/)
    // That one is gone.
    expect(stdout).toMatch(/ INFO {5}line 1\n/)
    expect((await runCli(['runs', 'logs', id, '--json'], { env })).stdout).toContain(
      `"taskRunId":"${taskRunId}"`,
    )
  })

  it('finds the newest run of a name, filters by level, speaks JSON', async () => {
    await start('--name', `${name}-twice`, '--at', '2040-01-01T00:00:00Z')
    const id = await start('--name', `${name}-twice`, '--at', '2041-01-01T00:00:00Z')
    await log(id, 10, 'small')
    await log(id, 30, 'careful')
    const args = ['runs', 'logs', `${name}-twice`, '--level', 'warning', '--json']
    const { stdout, exitCode } = await runCli(args, { env })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ level: 30, message: 'careful', name: 'job' })
  })

  it('says when there is no such run', async () => {
    const { exitCode, stderr } = await runCli(['runs', 'logs', `${name}-none`], { env })
    expect(exitCode).toBe(1)
    expect(stderr).toBe(`prefect-ts: There is no flow run "${name}-none" on ${apiUrl}\n`)
  })

  it('ends with 130 at Ctrl-C, without an error message; the run goes on', async () => {
    const id = await start()
    await setFlowRunState(client, id, { type: 'PENDING' })
    await setFlowRunState(client, id, { type: 'RUNNING' })
    await log(id, 20, 'seen')
    const { stdout, exitCode } = await runInTerminal(['runs', 'watch', id], 100, {
      env,
      interruptAt: 'seen',
    })
    expect(exitCode).toBe(130)
    expect(stdout).not.toContain('prefect-ts:')
    expect((await read(id)).state?.type).toBe('RUNNING')
  })
})

describe('runs cancel', () => {
  it('cancels a run that has not begun', async () => {
    const id = await start('--at', '2040-01-01T00:00:00Z')
    const { stdout, exitCode } = await runCli(['runs', 'cancel', id], { env })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/: Cancelled\n$/)
    expect((await read(id)).state?.type).toBe('CANCELLED')
    const again = await runCli(['runs', 'cancel', id], { env })
    expect(again).toMatchObject({ exitCode: 1, stdout: '' })
    expect(again.stderr).toContain('has ended already: Cancelled')
  })

  it('asks for the end of one that runs, and waits for it', async () => {
    const id = await start()
    await setFlowRunState(client, id, { type: 'PENDING' })
    await setFlowRunState(client, id, { type: 'RUNNING' })
    const cancelling = runCli(['runs', 'cancel', id, '--wait', '--json'], { env })
    while ((await read(id)).state?.type !== 'CANCELLING') await sleep(100)
    await setFlowRunState(client, id, { type: 'CANCELLED' }, { force: true })
    const { stdout, exitCode } = await cancelling
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ id, state: { type: 'CANCELLED' } })
  })
})
