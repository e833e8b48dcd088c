import { randomUUID } from 'node:crypto'
import { createServer, request as forward } from 'node:http'
import { beforeAll, expect, inject, test, vi } from 'vitest'
import { createClient, isApiError, type Schemas } from '../../src/index.ts'
import type { TransportRequest } from '../../src/transport.ts'
import { listen, transportTo } from './setup.ts'

vi.setConfig({ testTimeout: 120_000 })

const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 50 : 10
const real = createClient({ apiUrl: inject('prefectApiUrl') })
const name = `lost-${randomUUID().slice(0, 8)}`
let flowId = ''
let deploymentId = ''
beforeAll(async () => {
  flowId = (await real.post('/flows/', { body: { name } })).id
  deploymentId = (await real.post('/deployments/', { body: { name, flow_id: flowId } })).id
})

/** The real server behind a proxy that loses the reply to the first attempt of every call, after the server acted. */
async function startLoser(): Promise<string> {
  const met = new Set<string>()
  const target = new URL(inject('prefectApiUrl'))
  const loser = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const { method, url: path, headers } = incoming
      const { hostname, port } = target
      const own = { ...headers, host: target.host, connection: 'close' }
      // A connection each: the server may close a kept one just as the next request goes out.
      const options = { agent: false, hostname, port, method, path, headers: own }
      const passed = forward(options, (answer) => {
        const { statusCode = 0 } = answer
        const key = `${method} ${path} ${body.toString()}`
        // A busy server has not acted: what it says goes through.
        const loses = !met.has(key) && statusCode < 300
        if (loses) met.add(key)
        if (loses) answer.resume().on('end', () => incoming.socket.destroy())
        else answer.pipe(outgoing.writeHead(statusCode, answer.headers))
      })
      passed.end(body)
    })
  })
  return `http://127.0.0.1:${await listen(loser)}/api`
}

const indexes = Array.from({ length: trials }, (_, index) => index)
// With a key, so that a busy server's broken connection is no end of the test.
const newRun = (): Promise<{ id: string }> =>
  real.post('/flow_runs/', { body: { flow_id: flowId, idempotency_key: randomUUID() } })

/** Makes one call after the other, each through a lost reply. */
async function lose(callOf: (index: number) => TransportRequest): Promise<unknown[]> {
  const transport = transportTo(await startLoser())
  const outcomes: unknown[] = []
  for (const index of indexes) {
    outcomes.push(
      await transport
        .send(callOf(index))
        .catch((error: unknown) => (isApiError(error) ? error.code : error)),
    )
  }
  return outcomes
}

const idsOf = (items: unknown): string[] =>
  (items as { id: string }[]).map(({ id }) => id).toSorted()
const all = (outcome: unknown): unknown[] => indexes.map(() => outcome)

test('a flow: made once', async () => {
  const body = (index: number): unknown => ({ name: `${name}-${index}` })
  const made = await lose((index) => ({ method: 'POST', template: '/flows/', body: body(index) }))
  const filter = { flows: { name: { like_: `${name}-` } }, limit: 200 }
  expect(idsOf(await real.post('/flows/filter', { body: filter }))).toEqual(idsOf(made))
})

const start = { method: 'POST', template: '/deployments/{id}/create_flow_run' }

test("a deployment's run with a key: one run", async () => {
  const tags = [`${name}-key`]
  const made = await lose((index) => ({
    ...start,
    path: { id: deploymentId },
    body: { idempotency_key: `${name}-${index}`, tags },
  }))
  const filter = { flow_runs: { tags: { all_: tags } }, limit: 200 }
  const found = await real.post('/flow_runs/filter', { body: filter })
  expect(found).toHaveLength(trials)
  expect(idsOf(found)).toEqual(idsOf(made))
})

test("a deployment's run without a key: OUTCOME_UNKNOWN, and one run", async () => {
  const tags = [`${name}-no-key`]
  const path = { id: deploymentId }
  expect(
    await lose((index) => ({ ...start, path, body: { tags, state: null, name: `${index}` } })),
  ).toEqual(all('OUTCOME_UNKNOWN'))
  const filter = { flow_runs: { tags: { all_: tags } } }
  expect(await real.post('/flow_runs/count', { body: filter })).toBe(trials)
})

test('a state: one transition, told as accepted', async () => {
  const runs = await Promise.all(indexes.map(newRun))
  const answers = await lose((index) => ({
    method: 'POST',
    template: '/flow_runs/{id}/set_state',
    path: { id: runs[index]?.id },
    body: { state: { type: 'RUNNING' } },
  }))
  const told = answers.map((answer) => answer as Schemas['OrchestrationResult'])
  expect(told.map(({ status, state }) => [status, state?.type])).toEqual(all(['ACCEPT', 'RUNNING']))
  for (const { id } of runs) {
    const states = await real.get('/flow_run_states/', { query: { flow_run_id: id } })
    expect(states.filter(({ type }) => type === 'RUNNING')).toHaveLength(1)
  }
})

test('a task run: made once', async () => {
  const { id: flow_run_id } = await newRun()
  const made = await lose((index) => ({
    method: 'POST',
    template: '/task_runs/',
    body: { flow_run_id, task_key: 'lost', dynamic_key: String(index) },
  }))
  const filter = { flow_runs: { id: { any_: [flow_run_id] } }, limit: 200 }
  const found = await real.post('/task_runs/filter', { body: filter })
  expect(found).toHaveLength(trials)
  expect(idsOf(found)).toEqual(idsOf(made))
})

test('a change: made', async () => {
  const runs = await Promise.all(indexes.map(newRun))
  const template = '/flow_runs/{id}'
  const changed = await lose((index) => ({
    method: 'PATCH',
    template,
    path: { id: runs[index]?.id },
    body: { name: `changed-${index}` },
  }))
  expect(changed).toEqual(all(undefined))
  for (const [index, { id }] of runs.entries()) {
    expect((await real.get(template, { path: { id } })).name).toBe(`changed-${index}`)
  }
})

test('a deletion: done, and not told as NOT_FOUND', async () => {
  const runs = await Promise.all(indexes.map(newRun))
  const template = '/flow_runs/{id}'
  const outcomes = await lose((index) => ({
    method: 'DELETE',
    template,
    path: { id: runs[index]?.id },
  }))
  expect(outcomes).toEqual(all(undefined))
  const filter = { flow_runs: { id: { any_: runs.map(({ id }) => id) } } }
  expect(await real.post('/flow_runs/count', { body: filter })).toBe(0)
})

test('logs: OUTCOME_UNKNOWN, and no line twice', async () => {
  const { id: flow_run_id } = await newRun()
  const line = { name: 'lost', level: 20, timestamp: new Date().toISOString(), flow_run_id }
  const outcomes = await lose((index) => ({
    method: 'POST',
    template: '/logs/',
    body: [{ ...line, message: `line ${index}` }],
  }))
  expect(outcomes).toEqual(all('OUTCOME_UNKNOWN'))
  const filter = { logs: { flow_run_id: { any_: [flow_run_id] } }, limit: 200 }
  const lines = await real.post('/logs/filter', { body: filter })
  expect(lines.map(({ message }) => message).toSorted()).toEqual(
    indexes.map((index) => `line ${index}`).toSorted(),
  )
})
