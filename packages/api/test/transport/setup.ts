import { afterEach } from 'vitest'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { isApiError, resolveSettings, type ApiError } from '../../src/index.ts'
import { createTransport, type Transport, type TransportRequest } from '../../src/transport.ts'
import { startFaultServer, type Answering, type FaultServer } from '../fault-server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** Runs after the test. */
export function later(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

export async function serve(answer: Answering): Promise<FaultServer> {
  const server = await startFaultServer(answer)
  later(() => server[Symbol.asyncDispose]())
  return server
}

/** Listens on a free port until the test is over, then ends its connections; resolves to the port. */
export async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  later(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

/** A server that does as it likes with the connection; resolves to its API URL. */
export async function serveRaw(handle: (socket: Socket) => void): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(handle))}/api`
}

export interface TestedTransport extends Transport {
  /** The waits between attempts, in milliseconds; none of them takes time. */
  waits: number[]
}

/** A transport whose waits take no time. */
export function transportTo(
  apiUrl: string,
  options: { env?: Record<string, string>; random?: () => number } = {},
): TestedTransport {
  const env = { PREFECT_CLIENT_RETRY_JITTER_FACTOR: '0', HOME: '/nowhere', ...options.env }
  const waits: number[] = []
  const transport = createTransport({
    settings: resolveSettings({ env, cwd: '/', overrides: { apiUrl } }),
    env,
    random: options.random,
    sleep: (milliseconds) => {
      waits.push(milliseconds)
      return Promise.resolve()
    },
  })
  later(() => transport.close())
  return { ...transport, waits }
}

export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (answer) => new Error(`It answered ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  )
  if (!isApiError(error)) throw error
  return error
}

const id = '11111111-1111-4111-8111-111111111111'
const run = { template: '/deployments/{id}/create_flow_run', path: { id } }

/** One call of each kind, and whether it may reach the server twice. */
export const operations: readonly [name: string, repeatable: boolean, call: TransportRequest][] = [
  ['GET', true, { method: 'GET', template: '/flows/{id}', path: { id } }],
  ['PATCH', true, { method: 'PATCH', template: '/flow_runs/{id}', path: { id }, body: {} }],
  ['DELETE', true, { method: 'DELETE', template: '/flows/{id}', path: { id } }],
  ['POST filter', true, { method: 'POST', template: '/flow_runs/filter', body: {} }],
  [
    'POST run with key',
    true,
    { method: 'POST', ...run, body: { idempotency_key: 'k', parameters: {} } },
  ],
  [
    'POST state',
    true,
    {
      method: 'POST',
      template: '/flow_runs/{id}/set_state',
      path: { id },
      body: { state: { type: 'RUNNING' } },
    },
  ],
  ['POST run without key', false, { method: 'POST', ...run, body: { parameters: {} } }],
  ['POST logs', false, { method: 'POST', template: '/logs/', body: [] }],
]
