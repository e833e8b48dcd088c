import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createContext, spawnJob } from './spawn-job.ts'

const flowRun = { id: randomUUID(), name: 'far-away', scheduledStart: null }

// The real server takes what it is told: one that does not stands in. Answers by path, and takes the rest.
async function startServer(
  logs: string[],
  answer: (path: string, body: { state?: { type?: string } }) => unknown,
): Promise<string> {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const path = request.url ?? ''
      const body = text === '' ? {} : (JSON.parse(text) as { state?: { type?: string } })
      if (path.endsWith('/logs/')) logs.push(text)
      const found = path.includes('csrf') ? null : answer(path, body)
      response.writeHead(found === null ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(found === undefined ? { id: randomUUID() } : found))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
}

it(
  'a job whose task run the server does not show has not succeeded',
  { timeout: 120_000 },
  async () => {
    const url = await startServer([], (path) => (path.includes('/task_runs/') ? null : undefined))
    const context = createContext({
      flowRun,
      ownTaskRun: { id: randomUUID(), name: 'lost' },
      resultFile: null,
      parentProcessId: null,
      params: { mode: 'return', value: 1 },
    })
    const { code, stderr } = await spawnJob([], { PREFECT_API_URL: url, ...context.env }, 'own.ts')
      .exit
    expect(stderr).toContain('its result reached nobody')
    expect(code).toBe(69)
  },
)

it('a job whose flow run the server does not let complete has not succeeded', async () => {
  const logs: string[] = []
  const state = { id: randomUUID(), type: 'PENDING', name: 'Pending' }
  const url = await startServer(logs, (path, body) => {
    if (path.endsWith('/set_state')) {
      const status = body.state?.type === 'COMPLETED' ? 'REJECT' : 'ACCEPT'
      return { status, state: { ...state, type: 'RUNNING' }, details: { reason: 'not this one' } }
    }
    if (!path.includes(`/flow_runs/${flowRun.id}`)) return undefined
    const parameters = { mode: 'return', value: 1 }
    return { ...flowRun, flow_id: randomUUID(), parameters, state }
  })
  const env = { PREFECT_API_URL: url, PREFECT__FLOW_RUN_ID: flowRun.id }
  expect((await spawnJob(['--flow-run'], env, 'own.ts').exit).code).toBe(1)
  expect(logs.join()).toContain(
    'did not take the state COMPLETED of flow run far-away: not this one',
  )
})
