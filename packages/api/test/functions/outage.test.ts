import { expect, test } from 'vitest'
import { createClient, readLogs, waitForFlowRun, type Client } from '../../src/index.ts'
import { json, startFaultServer, type Answering, type FaultServer } from '../fault-server.ts'
import { failureOf } from './support.ts'

const run = { id: 'x', name: 'nightly', state: { id: 's', type: 'COMPLETED', name: 'Completed' } }

/** A server that is away for its first three requests, and a client that does not try again by itself. */
async function serve(back: Answering): Promise<{ server: FaultServer; client: Client }> {
  const server = await startFaultServer((response, seen) => {
    if (seen.length <= 2) response.destroy()
    else if (seen.length === 3) json(503, {})(response, seen)
    else back(response, seen)
  })
  const env = { PREFECT_CLIENT_MAX_RETRIES: '0' }
  return { server, client: createClient({ apiUrl: server.apiUrl, env }) }
}

test('waiting for a run outlives a server that is away', async () => {
  const { server, client } = await serve(json(200, run))
  expect(await waitForFlowRun(client, 'x')).toEqual(run)
  expect(server.seen).toHaveLength(4)
  await server[Symbol.asyncDispose]()
})

test('not beyond its deadline, and no other failure', async () => {
  const { server, client } = await serve(json(404, { detail: 'Flow run not found' }))
  const late = await failureOf(waitForFlowRun(client, 'x', { timeoutMs: 2500 }))
  expect(late).toMatchObject({ code: 'CONNECTION_FAILED' })
  expect(server.seen).toHaveLength(2)
  const missing = await failureOf(waitForFlowRun(client, 'x'))
  expect(missing).toMatchObject({ code: 'NOT_FOUND' })
  expect(server.seen).toHaveLength(4)
  await server[Symbol.asyncDispose]()
})

test(
  'a server that stalls ends with the deadline, not with the request',
  { timeout: 30_000 },
  async () => {
    await using server = await startFaultServer(() => {})
    const client = createClient({ apiUrl: server.apiUrl, env: {} })
    const begin = performance.now()
    const error = await failureOf(waitForFlowRun(client, 'x', { timeoutMs: 300 }))
    expect(error.code).toBe('TIMEOUT')
    expect(performance.now() - begin).toBeLessThan(20_000)
  },
)

test('following a log outlives it too', { timeout: 30_000 }, async () => {
  const line = { id: 'l', message: 'hello', level: 20, timestamp: new Date().toISOString() }
  const { server, client } = await serve((response, seen) =>
    json(200, seen.at(-1)?.method === 'GET' ? run : [line])(response, seen),
  )
  const found: string[] = []
  const options = { flowRunId: 'x', follow: true, pollIntervalMs: 200 }
  for await (const log of readLogs(client, options)) found.push(log.message)
  expect(found).toEqual(['hello'])
  await server[Symbol.asyncDispose]()
})
