import { expect, test } from 'vitest'
import { flowRunResult, setFlowRunState, waitForFlowRun } from '../../src/index.ts'
import { client, createRun, failureOf, withPost } from './support.ts'

test('an accepted state, with its name, message and result', async () => {
  const id = await createRun()
  expect(await setFlowRunState(client, id, { type: 'RUNNING' })).toMatchObject({
    accepted: true,
    state: { type: 'RUNNING', name: 'Running' },
    reason: undefined,
  })
  const done = { type: 'COMPLETED', name: 'Loaded', message: 'all of it', data: [1, 2] } as const
  await setFlowRunState(client, id, done)
  const run = await waitForFlowRun(client, id)
  expect(run.state).toMatchObject({ type: 'COMPLETED', name: 'Loaded', message: 'all of it' })
  expect(flowRunResult(run)).toEqual({ kind: 'value', value: [1, 2] })
})

test('a rejected state: the run is in the one that Prefect chose', async () => {
  const id = await createRun()
  await setFlowRunState(client, id, {
    type: 'SCHEDULED',
    scheduledTime: new Date(Date.now() + 9e6),
  })
  const result = await setFlowRunState(client, id, { type: 'CANCELLING' })
  expect(result).toMatchObject({ accepted: false, state: { type: 'CANCELLED' } })
  expect(result.reason).toMatch(/\w/)
})

test('an aborted transition is a conflict that says why', async () => {
  const id = await createRun()
  const error = await failureOf(setFlowRunState(client, id, { type: 'PENDING' }))
  expect(error.code).toBe('CONFLICT')
  expect(error.message).toContain(`Cannot set flow run ${id} PENDING: `)
  expect(error.message).toMatch(/cannot transition to a PENDING state/)
  const missing = await failureOf(
    setFlowRunState(client, crypto.randomUUID(), { type: 'RUNNING' }, { force: true }),
  )
  expect(missing).toMatchObject({ code: 'NOT_FOUND', status: 404 })
})

test('told to wait, it waits and asks again; the signal ends that', async () => {
  const id = await createRun()
  const scheduledTime = new Date(Date.now() + 2500)
  await setFlowRunState(client, id, { type: 'SCHEDULED', scheduledTime })
  const reason = new Error('enough')
  const stop = new AbortController()
  setTimeout(() => stop.abort(reason), 200)
  await expect(
    setFlowRunState(client, id, { type: 'RUNNING' }, { signal: stop.signal }),
  ).rejects.toBe(reason)
  const result = await setFlowRunState(client, id, { type: 'RUNNING' })
  expect(result).toMatchObject({ accepted: true, state: { type: 'RUNNING' } })
  // The server counts whole seconds.
  expect(Date.now()).toBeGreaterThan(scheduledTime.getTime() - 1000)
})

test('a request that is repeated because its answer was lost is accepted once', async () => {
  const id = await createRun()
  const lossy = withPost(async (_path, call) => {
    await call()
    return call()
  })
  expect(await setFlowRunState(lossy, id, { type: 'RUNNING' })).toMatchObject({
    accepted: true,
    state: { type: 'RUNNING' },
  })
  const states = await client.get('/flow_run_states/', { query: { flow_run_id: id } })
  expect(states.map(({ type }) => type)).toEqual(['PENDING', 'RUNNING'])
})
