import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  apiUrl,
  createFlowRun,
  eventually,
  readAllLogs,
  readResultInPython,
  saveLocalBlock,
  useClient,
} from './server.ts'
import { createContext, spawnJob, temporaryFolder, type RunningJob } from './spawn-job.ts'

const client = useClient()
const env = { PREFECT_API_URL: apiUrl }
const pythonTimeout = { timeout: 300_000 }
const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 200 : 4

function spawnOwn(params: unknown, options: object, more: Record<string, string> = {}): RunningJob {
  const args = more['PREFECT_TS_CONTEXT'] ? [] : ['--params', JSON.stringify(params)]
  return spawnJob(args, { ...env, ...more, JOB_OPTIONS: JSON.stringify(options) }, 'own.ts')
}

async function flowRunsOf(flowName: string) {
  return client.post('/flow_runs/filter', { body: { flows: { name: { any_: [flowName] } } } })
}

async function onlyFlowRun(flowName: string) {
  const [run, ...others] = await flowRunsOf(flowName)
  if (run === undefined || others.length > 0) throw new Error(`${others.length + 1} runs`)
  return run
}

describe('a flow run of its own', () => {
  it(
    'shows params, tags, state, time, logs, artifacts and a small result in Prefect',
    pythonTimeout,
    async () => {
      const flowName = `own-${randomUUID()}`
      const job = spawnOwn({ mode: 'return', value: { rows: 3 } }, { flowName, tags: ['nightly'] })
      const { code, stdout, stderr } = await job.exit
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(stdout)).toEqual({ rows: 3 })
      const run = await onlyFlowRun(flowName)
      expect(run).toMatchObject({
        state_type: 'COMPLETED',
        tags: ['nightly'],
        parameters: { mode: 'return', value: { rows: 3 } },
        run_count: 1,
      })
      expect(Date.parse(run.end_time ?? '')).toBeGreaterThan(Date.parse(run.start_time ?? ''))
      expect((await readAllLogs(client, run.id)).map((line) => line.message)).toEqual(['attempt 1'])
      // The server itself keeps an artifact of type "result".
      const body = { artifacts: { flow_run_id: { any_: [run.id] }, type: { any_: ['markdown'] } } }
      expect(await client.post('/artifacts/filter', { body })).toHaveLength(1)
      expect(readResultInPython('flow_run', run.id)).toEqual({ rows: 3 })
    },
  )

  it('fails with the message and code of the error', async () => {
    const flowName = `own-${randomUUID()}`
    expect((await spawnOwn({ mode: 'throw' }, { flowName }).exit).code).toBe(1)
    const run = await onlyFlowRun(flowName)
    expect(run.state).toMatchObject({ type: 'FAILED', message: 'it is broken [JOB_FAILED]' })
    const lines = await readAllLogs(client, run.id)
    expect(lines.at(-1)?.message).toMatch(/^it is broken\nError\n +at /)
  })

  it('is tried again under the rules of the server, which rejects FAILED into AwaitingRetry', async () => {
    const flowName = `own-${randomUUID()}`
    const options = { flowName, retries: 2, retryDelayMs: 1_000 }
    const { code, stdout } = await spawnOwn({ mode: 'flaky' }, options).exit
    expect({ code, result: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      result: { attempts: 3 },
    })
    const run = await onlyFlowRun(flowName)
    expect(run).toMatchObject({ state_type: 'COMPLETED', run_count: 3 })
    const states = await client.get('/flow_run_states/', { query: { flow_run_id: run.id } })
    expect(states.map((state) => state.name).filter((name) => name !== 'Pending')).toEqual([
      'Running',
      'AwaitingRetry',
      'Retrying',
      'AwaitingRetry',
      'Retrying',
      'Completed',
    ])
  })

  it('is not tried again after a bug', async () => {
    const flowName = `own-${randomUUID()}`
    const { code } = await spawnOwn({ mode: 'throw' }, { flowName, retries: 2 }).exit
    expect(code).toBe(1)
    expect(await onlyFlowRun(flowName)).toMatchObject({ state_type: 'FAILED', run_count: 1 })
  })

  it(
    'hands a large result to Python through a block, and refuses it without one',
    pythonTimeout,
    async () => {
      const folder = temporaryFolder()
      const flowName = `own-${randomUUID()}`
      const options = { flowName, resultBlock: await saveLocalBlock(client, folder) }
      expect((await spawnOwn({ mode: 'large' }, options).exit).code).toBe(0)
      const run = await onlyFlowRun(flowName)
      expect(readResultInPython('flow_run', run.id)).toBe('x'.repeat(100_000))
      expect(readdirSync(folder)).toHaveLength(1)

      const without = `own-${randomUUID()}`
      expect((await spawnOwn({ mode: 'large' }, { flowName: without }).exit).code).toBe(1)
      const state = (await onlyFlowRun(without)).state
      expect(state?.message).toMatch(/takes 100002 bytes .*resultStorage.*\[INVALID_RESULT\]/)
    },
  )

  it('needs an API', async () => {
    const job = spawnJob(
      ['--params', '{"mode":"return"}'],
      { JOB_OPTIONS: '{"flowName":"x"}' },
      'own.ts',
    )
    const { code, stderr } = await job.exit
    expect(code).toBe(64)
    expect(stderr).toContain('Set PREFECT_API_URL')
  })

  it.each([
    ['wait', 'CANCELLING', 'CANCELLED'],
    ['stubborn', 'CANCELLED', 'CANCELLED'],
  ] as const)('ends when cancelled in Prefect (%s, %s)', async (mode, type, final) => {
    const flowName = `own-${randomUUID()}`
    const job = spawnOwn({ mode }, { flowName })
    await job.printed('waiting')
    const { id } = await onlyFlowRun(flowName)
    const path = { id }
    await client.post('/flow_runs/{id}/set_state', { path, body: { state: { type }, force: true } })
    expect((await job.exit).code).toBe(143)
    expect((await client.get('/flow_runs/{id}', { path })).state?.type).toBe(final)
  })

  it('crashes when its process is told to go', async () => {
    const flowName = `own-${randomUUID()}`
    const job = spawnOwn({ mode: 'wait' }, { flowName })
    await job.printed('waiting')
    job.child.kill('SIGTERM')
    expect((await job.exit).code).toBe(143)
    expect((await onlyFlowRun(flowName)).state).toMatchObject({
      type: 'CRASHED',
      message: 'The job was cancelled by SIGTERM. [CANCELLED]',
    })
  })
})

/** A flow run as a worker has it when it starts a process for it. */
async function createPendingRun(parameters: Record<string, unknown>, more: object = {}) {
  const flow = await client.post('/flows/', { body: { name: `worker-${randomUUID()}` } })
  const state = { type: 'PENDING' as const }
  const key = { idempotency_key: randomUUID() }
  return client.post('/flow_runs/', {
    body: { flow_id: flow.id, parameters, state, ...key, ...more },
  })
}

function spawnAdopted(
  flowRunId: string,
  options: object = {},
  variables: Record<string, string> = {},
): RunningJob {
  const more = {
    ...variables,
    PREFECT__FLOW_RUN_ID: flowRunId,
    JOB_OPTIONS: JSON.stringify(options),
  }
  return spawnJob(['--flow-run'], { ...env, ...more }, 'own.ts')
}

describe('the flow run that a worker gave', () => {
  it('has its params, state, logs, artifacts and result', pythonTimeout, async () => {
    const given = { result: 1, data: [2] }
    const { id } = await createPendingRun({ mode: 'return', value: given })
    const { code, stdout, stderr } = await spawnAdopted(id, { taskName: 'not-made' }).exit
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' })
    const run = await client.get('/flow_runs/{id}', { path: { id } })
    expect(run).toMatchObject({ state_type: 'COMPLETED', run_count: 1 })
    expect((await readAllLogs(client, id)).map((line) => line.message)).toEqual(['attempt 1'])
    const body = { artifacts: { flow_run_id: { any_: [id] }, type: { any_: ['markdown'] } } }
    expect(await client.post('/artifacts/filter', { body })).toHaveLength(1)
    expect(readResultInPython('flow_run', id)).toEqual(given)
  })

  it('puts its result where the setting of Prefect says', pythonTimeout, async () => {
    const folder = temporaryFolder()
    const setting = { PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK: await saveLocalBlock(client, folder) }
    const { id } = await createPendingRun({ mode: 'large' })
    const { code, stderr } = await spawnAdopted(id, { storeResult: true }, setting).exit
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readdirSync(folder)).toHaveLength(1)
    expect(readResultInPython('flow_run', id)).toBe('x'.repeat(100_000))
  })

  it('fails with the error, which a worker that sees the exit code does not cover', async () => {
    const { id } = await createPendingRun({ mode: 'throw' })
    expect((await spawnAdopted(id).exit).code).toBe(1)
    const path = { id }
    // What a worker proposes after an exit code other than 0.
    const body = { state: { type: 'CRASHED' as const } }
    await client.post('/flow_runs/{id}/set_state', { path, body })
    expect((await client.get('/flow_runs/{id}', { path })).state).toMatchObject({
      type: 'FAILED',
      message: 'it is broken [JOB_FAILED]',
    })
  })

  it(
    "tries again as often as the job says, or as the run's own policy says",
    pythonTimeout,
    async () => {
      const policy = { empirical_policy: { retries: 2, retry_delay: 0 } }
      const runs = await Promise.all([
        createPendingRun({ mode: 'flaky' }),
        createPendingRun({ mode: 'flaky' }, policy),
        createPendingRun({ mode: 'throw' }, policy),
      ])
      const [own, given, broken] = runs.map(({ id }) => id) as [string, string, string]
      const jobs = [spawnAdopted(own, { retries: 2 }), spawnAdopted(given), spawnAdopted(broken)]
      const exits = await Promise.all(jobs.map((job) => job.exit))
      expect(exits.map(({ code }) => code)).toEqual([0, 0, 1])
      const ends = await Promise.all(
        [own, given, broken].map((id) => client.get('/flow_runs/{id}', { path: { id } })),
      )
      expect(ends.map((run) => [run.state_type, run.run_count])).toEqual([
        ['COMPLETED', 3],
        ['COMPLETED', 3],
        ['FAILED', 1],
      ])
    },
  )

  it('is cancelled with it, also before it has started', pythonTimeout, async () => {
    const [running, waiting] = await Promise.all([
      createPendingRun({ mode: 'wait' }),
      createPendingRun({ mode: 'wait' }),
    ])
    const body = { state: { type: 'CANCELLING' as const } }
    const job = spawnAdopted(running.id)
    await job.printed('waiting')
    for (const { id } of [running, waiting]) {
      // oxlint-disable-next-line no-await-in-loop -- two of them
      await client.post('/flow_runs/{id}/set_state', { path: { id }, body })
    }
    const exits = await Promise.all([job.exit, spawnAdopted(waiting.id).exit])
    expect(exits.map(({ code }) => code)).toEqual([143, 143])
    expect(exits[1]?.stdout).toBe('')
    for (const { id } of [running, waiting]) {
      // oxlint-disable-next-line no-await-in-loop -- two of them
      const { state } = await client.get('/flow_runs/{id}', { path: { id } })
      expect(state?.type).toBe('CANCELLED')
    }
  })

  it('is refused where there is none to take', async () => {
    const ended = await createPendingRun({ mode: 'return' })
    await client.post('/flow_runs/{id}/set_state', {
      path: { id: ended.id },
      body: { state: { type: 'COMPLETED' }, force: true },
    })
    const context = createContext({ flowRun: null }).env
    const id = { PREFECT__FLOW_RUN_ID: ended.id }
    const exits = await Promise.all([
      spawnAdopted(ended.id).exit,
      spawnAdopted('').exit,
      spawnJob(['--flow-run'], { ...env, ...id, ...context }, 'own.ts').exit,
      spawnJob(['--flow-run', '--params', '{}'], { ...env, ...id }, 'own.ts').exit,
    ])
    expect(exits.map(({ code, stderr }) => [code, stderr])).toEqual([
      [1, expect.stringMatching(/^Flow run .* has ended already \(it is Completed\)/)],
      [64, expect.stringContaining('PREFECT__FLOW_RUN_ID is not set')],
      [64, expect.stringContaining('leave out --flow-run')],
      [64, expect.stringContaining('with --flow-run the params are those of the flow run')],
    ])
    expect((await client.get('/flow_runs/{id}', { path: { id: ended.id } })).run_count).toBe(0)
  })
})

async function onlyTaskRun(taskName: string) {
  return eventually(async () => {
    const body = { task_runs: { name: { like_: taskName } } }
    const [run] = await client.post('/task_runs/filter', { body })
    return run?.state && ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED'].includes(run.state.type)
      ? run
      : undefined
  })
}

async function trial(index: number): Promise<number> {
  const cancelled = await createFlowRun(client)
  const taskName = `task-${randomUUID()}`
  const mode = index % 2 === 0 ? 'wait' : 'stubborn'
  const context = createContext({ flowRun: cancelled, params: { mode } })
  const temporary = temporaryFolder()
  const job = spawnOwn({}, { taskName }, { ...context.env, TMPDIR: temporary })
  await job.printed('waiting')
  const path = { id: cancelled.id }
  const body = { state: { type: 'CANCELLING' as const } }
  await client.post('/flow_runs/{id}/set_state', { path, body })
  const start = Date.now()
  // Not closed before all that the job started is gone.
  expect((await job.exit).code).toBe(143)
  const duration = Date.now() - start
  expect(context.readResult()).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
  expect((await onlyTaskRun(taskName)).state?.type).toBe('CANCELLED')
  // The job owns the task run only.
  expect((await client.get('/flow_runs/{id}', { path })).state?.type).toBe('CANCELLING')
  expect([readdirSync(context.folder), readdirSync(temporary)]).toEqual([['result.json'], []])
  return duration
}

describe('a task run of its own', () => {
  let flowRun: Awaited<ReturnType<typeof createFlowRun>>
  beforeAll(async () => {
    flowRun = await createFlowRun(client)
  })

  it('stands in the graph of the flow run, with state, time, logs and artifacts', async () => {
    const taskName = `task-${randomUUID()}`
    const parent = { id: randomUUID(), name: 'parent' }
    const context = createContext({
      flowRun,
      taskRun: parent,
      params: { mode: 'return', value: 7 },
    })
    const { code, stderr } = await spawnOwn({}, { taskName, tags: ['a'] }, context.env).exit
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(context.readResult()).toMatchObject({ ok: true, result: 7 })
    const run = await onlyTaskRun(taskName)
    expect(run).toMatchObject({
      flow_run_id: flowRun.id,
      task_key: taskName,
      state_type: 'COMPLETED',
      run_count: 1,
      tags: ['a'],
      task_inputs: { __parents__: [{ input_type: 'task_run', id: parent.id }] },
    })
    expect(Date.parse(run.end_time ?? '')).toBeGreaterThan(Date.parse(run.start_time ?? ''))
    const graph = await client.get('/flow_runs/{id}/graph-v2', { path: { id: flowRun.id } })
    expect(graph.nodes.map(([id]) => id)).toContain(run.id)
    const lines = await readAllLogs(client, flowRun.id)
    expect(lines.filter((line) => line.task_run_id === run.id)).toHaveLength(1)
    const body = { artifacts: { task_run_id: { any_: [run.id] } } }
    expect(await client.post('/artifacts/filter', { body })).toHaveLength(1)
  })

  it('shows its retries, and its failure', async () => {
    const retried = `task-${randomUUID()}`
    const options = { taskName: retried, retries: 2 }
    const context = createContext({ flowRun, params: { mode: 'flaky' } })
    expect((await spawnOwn({}, options, context.env).exit).code).toBe(0)
    const run = await onlyTaskRun(retried)
    expect(run).toMatchObject({ state_type: 'COMPLETED', run_count: 3 })
    const states = await client.get('/task_run_states/', { query: { task_run_id: run.id } })
    expect(states.map((state) => state.name)).toEqual([
      'Pending',
      'Running',
      'AwaitingRetry',
      'Retrying',
      'AwaitingRetry',
      'Retrying',
      'Completed',
    ])

    const failed = `task-${randomUUID()}`
    const failing = createContext({ flowRun, params: { mode: 'throw' } })
    expect((await spawnOwn({}, { taskName: failed }, failing.env).exit).code).toBe(1)
    expect((await onlyTaskRun(failed)).state).toMatchObject({
      type: 'FAILED',
      message: 'it is broken [JOB_FAILED]',
    })
  })

  it('gives Python the result through a block where no file is shared', pythonTimeout, async () => {
    const folder = temporaryFolder()
    const ownTaskRun = { id: randomUUID(), name: 'far-away' }
    const resultBlock = await saveLocalBlock(client, folder)
    const value = { result: 1, data: [2], text: 'ü\u2028' }
    const context = createContext({
      flowRun,
      ownTaskRun,
      resultBlock,
      resultFile: null,
      parentProcessId: null,
      params: { mode: 'return', value },
    })
    const { code, stderr } = await spawnOwn({}, { resultBlock }, context.env).exit
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readResultInPython('task_run', ownTaskRun.id)).toEqual(value)
    const [file = ''] = readdirSync(folder)
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toMatchObject({
      metadata: { storage_key: file, serializer: { type: 'json' } },
      result: JSON.stringify(value),
    })
  })

  it('fails a run whose result nobody acknowledged', async () => {
    const context = createContext({
      flowRun,
      ownTaskRun: { id: randomUUID(), name: 'lost' },
      resultBlock: 'local-file-system/does-not-exist',
      resultFile: null,
      parentProcessId: null,
      params: { mode: 'return', value: 1 },
    })
    const options = { resultBlock: 'local-file-system/does-not-exist' }
    const { code, stderr } = await spawnOwn({}, options, context.env).exit
    expect(code).toBe(66)
    expect(stderr).toContain('does-not-exist')
  })

  it(
    `is cancelled with its flow run, ${trials} times, within 4 s`,
    { timeout: 900_000 },
    async () => {
      const times: number[] = []
      while (times.length < trials) {
        const batch = Array.from({ length: 4 }, (_, index) => trial(index))
        times.push(...(await Promise.all(batch)))
      }
      // Up to 2 s to notice, 2 s to end; the rest is what a busy machine adds.
      expect(Math.max(...times)).toBeLessThan(8_000)
      if (trials > 4) console.log(`${times.length} times, at most ${Math.max(...times)} ms`)
    },
  )
})
