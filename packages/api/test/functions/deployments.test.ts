import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  flowRunResult,
  isFinalState,
  readLogs,
  runDeployment,
  setFlowRunState,
  waitForFlowRun,
  type FlowRun,
} from '../../src/index.ts'
import { startPython } from './python.ts'
import { client, createRun, failureOf, unique, until } from './support.ts'

const name = unique()
const patience = 120_000
const inAnHour = new Date(Date.now() + 3_600_000)
const pollIntervalMs = 500
const started: { stop: () => Promise<void> }[] = []

const exists = (deployment: string): Promise<true | undefined> =>
  client
    .get('/deployments/name/{flow_name}/{deployment_name}', {
      path: { flow_name: deployment.split('/')[0] ?? '', deployment_name: name },
    })
    .then(() => true as const)
    .catch(() => undefined)

const schedule = (more = {}): Promise<FlowRun> =>
  runDeployment(client, `greet/${name}`, { scheduledTime: inAnHour, waitMs: 0, ...more })

beforeAll(async () => {
  started.push(startPython('python', ['flows.py', name]))
  await until(() => exists(`count/${name}`), patience)
}, patience)

afterAll(() => Promise.all(started.map((each) => each.stop())), 30_000)

test('a served flow: parameters, tags, name, states, result', { timeout: patience }, async () => {
  const states: string[] = []
  const ids = new Set<string | undefined>()
  const run = await runDeployment(client, `greet/${name}`, {
    parameters: { name: 'Ada', count: 2 },
    tags: ['one', 'two'],
    name: `${name}-ada`,
    onState(state) {
      states.push(state.type)
      ids.add(state.id)
    },
    pollIntervalMs,
  })
  expect(run).toMatchObject({ name: `${name}-ada`, parameters: { name: 'Ada', count: 2 } })
  expect(run.tags).toEqual(expect.arrayContaining(['one', 'two']))
  expect(run.state).toMatchObject({ type: 'COMPLETED' })
  expect(isFinalState(run.state)).toBe(true)
  expect(states[0]).toBe('SCHEDULED')
  expect(states.at(-1)).toBe('COMPLETED')
  // By id: a late run is SCHEDULED twice.
  expect(ids.size).toBe(states.length)

  const result = flowRunResult(run)
  if (result.kind !== 'stored') throw new Error(`The result is ${result.kind}`)
  expect(result).toMatchObject({ storageBlockId: undefined, serializer: 'json' })
  expect(readFileSync(result.storageKey, 'utf8')).toContain('hello Ada')
})

test('a flow that fails: the run says why, nothing is thrown', { timeout: patience }, async () => {
  const run = await runDeployment(client, `fail/${name}`, { pollIntervalMs })
  expect(run.state).toMatchObject({ type: 'FAILED' })
  expect(run.state?.message).toContain('no luck today')
})

test(
  'its log while it runs: each line once, the first long before the last',
  { timeout: patience },
  async () => {
    const lines = 40
    const { id } = await runDeployment(client, `count/${name}`, {
      parameters: { lines, pause: 0.15 },
      waitMs: 0,
    })
    const messages: string[] = []
    let stateAtFirst: string | undefined
    for await (const log of readLogs(client, {
      flowRunId: id,
      follow: true,
      pollIntervalMs: 300,
    })) {
      if (!log.message.startsWith('line ')) continue
      messages.push(log.message)
      stateAtFirst ??= (await client.get('/flow_runs/{id}', { path: { id } })).state?.type
    }
    expect(stateAtFirst).toBe('RUNNING')
    expect(messages).toEqual(Array.from({ length: lines }, (_, index) => `line ${index}`))
    const errors: string[] = []
    for await (const log of readLogs(client, { flowRunId: id, level: 40 })) errors.push(log.message)
    expect(errors).toEqual([])
  },
)

test('a run that is cancelled while it runs', { timeout: patience }, async () => {
  const { id } = await runDeployment(client, `count/${name}`, {
    parameters: { lines: 300 },
    waitMs: 0,
  })
  await until(async () => {
    const { state } = await client.get('/flow_runs/{id}', { path: { id } })
    return state?.type === 'RUNNING' ? true : undefined
  }, patience)
  expect(await setFlowRunState(client, id, { type: 'CANCELLING' })).toMatchObject({
    accepted: true,
    state: { type: 'CANCELLING' },
  })
  const run = await waitForFlowRun(client, id, { pollIntervalMs, timeoutMs: 60_000 })
  expect(run.state?.type).toBe('CANCELLED')
})

describe('a run that is scheduled for later', () => {
  test('with waitMs 0 the new run comes back at once, under a deployment id, too', async () => {
    const run = await schedule()
    expect(run).toMatchObject({ state: { type: 'SCHEDULED' }, state_type: 'SCHEDULED' })
    expect(Date.parse(run.next_scheduled_start_time ?? '')).toBe(inAnHour.getTime())
    expect(flowRunResult(run)).toEqual({ kind: 'none' })
    const again = await runDeployment(client, run.deployment_id ?? '', {
      scheduledTime: inAnHour,
      waitMs: 0,
    })
    expect(again.deployment_id).toBe(run.deployment_id)
    expect(again.id).not.toBe(run.id)
  })

  test('the same idempotency key gives the same run', async () => {
    const idempotencyKey = crypto.randomUUID()
    const first = await schedule({ idempotencyKey })
    expect((await schedule({ idempotencyKey })).id).toBe(first.id)
    expect((await schedule()).id).not.toBe(first.id)
  })

  test('a wait whose time is over: runDeployment gives the run, waitForFlowRun rejects', async () => {
    const begin = performance.now()
    const run = await schedule({ waitMs: 600 })
    expect(performance.now() - begin).toBeGreaterThan(590)
    expect(run.state?.type).toBe('SCHEDULED')
    const error = await failureOf(waitForFlowRun(client, run.id, { timeoutMs: 300 }))
    expect(error).toMatchObject({ code: 'TIMEOUT', status: undefined })
    expect(error.message).toBe(
      `Flow run "${run.name}" (${run.id}) is still Scheduled after 300 ms. It goes on; wait longer, or cancel it`,
    )
  })

  test('an abort ends the wait, not the run', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const waiting = schedule({ waitMs: undefined, signal: stop.signal, tags: [`${name}-abort`] })
    const find = (): Promise<{ state?: { type: string } | null }[]> =>
      client.post('/flow_runs/filter', {
        body: { flow_runs: { tags: { all_: [`${name}-abort`] } } },
      })
    // A busy server takes its time to make the run, and an abort before that would rightly leave none.
    const abortOnceThere = async (): Promise<void> => {
      await vi.waitFor(async () => expect(await find()).toHaveLength(1), { timeout: 30_000 })
      setTimeout(() => stop.abort(reason), 400)
    }
    await Promise.all([expect(waiting).rejects.toBe(reason), abortOnceThere()])
    const [run] = await find()
    expect(run?.state?.type).toBe('SCHEDULED')
  })

  test('as a subflow, a task run of the parent stands for it; a repeated call finds both', async () => {
    const parent = await createRun('RUNNING')
    const options = {
      asSubflowOf: { flowRunId: parent },
      idempotencyKey: crypto.randomUUID(),
      parameters: { name: 'Bo' },
    }
    const run = await schedule(options)
    const taskRun = await client.get('/task_runs/{id}', {
      path: { id: run.parent_task_run_id ?? '' },
    })
    expect(taskRun).toMatchObject({ flow_run_id: parent, task_inputs: { name: [] } })
    expect(taskRun.name).toBe(`greet/${name}`)
    expect((await schedule(options)).parent_task_run_id).toBe(taskRun.id)
    const children = await client.post('/task_runs/count', {
      body: { task_runs: { flow_run_id: { any_: [parent] } } },
    })
    expect(children).toBe(1)
    // The server keeps the task run's state with that of the subflow.
    await setFlowRunState(client, run.id, { type: 'RUNNING' }, { force: true })
    await setFlowRunState(client, run.id, { type: 'COMPLETED', data: { rows: 3 } })
    const after = await client.get('/task_runs/{id}', { path: { id: taskRun.id } })
    expect(after.state?.type).toBe('COMPLETED')
    const done = await waitForFlowRun(client, run.id)
    expect(flowRunResult(done)).toEqual({ kind: 'value', value: { rows: 3 } })
  })
})

test('what cannot be run', async () => {
  expect(await failureOf(runDeployment(client, 'greet'))).toMatchObject({ code: 'INVALID_REQUEST' })
  const unknown = await failureOf(runDeployment(client, `greet/${unique()}`))
  expect(unknown).toMatchObject({ code: 'NOT_FOUND', status: 404 })
  const wrong = await failureOf(
    runDeployment(client, `greet/${name}`, { parameters: { count: 'many' }, waitMs: 0 }),
  )
  expect(wrong).toMatchObject({ code: 'CONFLICT', status: 409 })
  expect(wrong.message).toMatch(/count/)
  const nobody = await failureOf(waitForFlowRun(client, crypto.randomUUID()))
  expect(nobody.code).toBe('NOT_FOUND')
})

test('a deployment that a process worker runs', { timeout: patience }, async () => {
  const pool = unique()
  await client.post('/work_pools/', { body: { name: pool, type: 'process' } })
  const flow = await client.post('/flows/', { body: { name: 'greet' } })
  await client.post('/deployments/', {
    body: {
      name: pool,
      flow_id: flow.id,
      work_pool_name: pool,
      entrypoint: 'flows.py:greet',
      path: import.meta.dirname,
      // Servers before 3.6 or so take no parameters without it.
      parameter_openapi_schema: {
        type: 'object',
        properties: { name: { type: 'string' }, count: { type: 'integer' } },
      },
      pull_steps: [
        { 'prefect.deployments.steps.set_working_directory': { directory: import.meta.dirname } },
      ],
    },
  })
  started.push(startPython('prefect', ['worker', 'start', '--pool', pool, '--type', 'process']))
  const run = await runDeployment(client, `greet/${pool}`, {
    parameters: { name: 'worker' },
    jobVariables: { env: { SOME: 'thing' } },
    pollIntervalMs,
    waitMs: patience - 10_000,
  })
  expect(run.state?.type).toBe('COMPLETED')
  expect(run).toMatchObject({ work_pool_name: pool, job_variables: { env: { SOME: 'thing' } } })
  expect(flowRunResult(run).kind).toBe('stored')
})
