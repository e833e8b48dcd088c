import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createClient, isApiError, type ApiError, type CreateClientOptions } from '../src/index.ts'
import { json, reply, startFaultServer, type Answering, type FaultServer } from './fault-server.ts'

const cleanups: (() => PromiseLike<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function serve(answer: Answering): Promise<FaultServer> {
  const server = await startFaultServer(answer)
  cleanups.push(() => server[Symbol.asyncDispose]())
  return server
}

/** A server that does as it likes with the connection. */
async function serveRaw(handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
}

/** Most faults need one attempt only to be seen. */
const once = { PREFECT_CLIENT_MAX_RETRIES: '0' }
const withoutJitter = { PREFECT_CLIENT_RETRY_JITTER_FACTOR: '0' }

function clientOf(
  apiUrl: string,
  options: CreateClientOptions = {},
): ReturnType<typeof createClient> {
  const client = createClient({ apiUrl, env: once, ...options })
  cleanups.push(() => client.close())
  return client
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (answer) => new Error(`It answered ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  )
  if (!isApiError(error)) throw error
  return error
}

const page = '<!doctype html><html><head><title>Prefect Server</title></head><body></body></html>'

test.each([200, 404, 405, 500])(
  'HTML with status %i: INVALID_RESPONSE, the address and its place',
  async (status) => {
    const server = await serve(reply(status, page, { 'content-type': 'text/html' }))
    const env = { ...once, PREFECT_API_URL: server.apiUrl }
    const client = clientOf('', { apiUrl: undefined, env })
    const error = await failureOf(client.get('/health'))
    expect(error).toMatchObject({ code: 'INVALID_RESPONSE', status, retryable: false })
    expect(error.message).toContain('an HTML page titled "Prefect Server"')
    expect(error.message).toContain(`${server.apiUrl} (from environment variable PREFECT_API_URL)`)
    expect(error.message).toContain('PREFECT_API_URL should end in /api')
  },
)

test('an HTML page of a proxy keeps the meaning of its status', async () => {
  const server = await serve(reply(502, '<html><title>502 Bad Gateway</title></html>'))
  const error = await failureOf(clientOf(server.apiUrl).post('/flow_runs/filter'))
  expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true, detail: '502 Bad Gateway' })
})

test.each([
  ['an empty body', 200, '', 'INVALID_RESPONSE'],
  ['text', 200, 'ok', 'INVALID_RESPONSE'],
  ['half JSON', 200, '{"a": "c4nary', 'INVALID_RESPONSE'],
  ['an empty error', 500, '', 'SERVER_ERROR'],
  ['an error that is no object', 500, '"c4nary"', 'SERVER_ERROR'],
  ['an error of another shape', 400, '{"detail":{"c4nary":[1]}}', 'INVALID_REQUEST'],
  ['a deep error', 422, `${'['.repeat(9000)}${']'.repeat(9000)}`, 'INVALID_REQUEST'],
] as const)('%s (status %i)', async (_, status, body, code) => {
  const server = await serve(reply(status, body, { 'content-type': 'application/json' }))
  const error = await failureOf(clientOf(server.apiUrl).get('/health'))
  expect(error).toMatchObject({ code, status })
  expect(JSON.stringify(error) + error.stack).not.toContain('c4nary')
})

test('204 resolves to undefined', async () => {
  const server = await serve((response) => void response.writeHead(204).end())
  expect(await clientOf(server.apiUrl).delete('/flows/{id}', { path: { id: 'x' } })).toBeUndefined()
})

test.each([
  [401, 'UNAUTHORIZED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [409, 'CONFLICT'],
  [422, 'INVALID_REQUEST'],
  [423, 'INVALID_REQUEST'],
  [429, 'RATE_LIMITED'],
  [500, 'SERVER_ERROR'],
  [503, 'UNAVAILABLE'],
])('status %i is %s, with the explanation of the server', async (status, code) => {
  const server = await serve(json(status, { exception_message: 'Because of this' }))
  const error = await failureOf(clientOf(server.apiUrl).post('/flow_runs/filter'))
  expect(error).toMatchObject({ code, status, detail: 'Because of this' })
  expect(error.message).toContain('Because of this')
})

test('of a 10 MB error body only the first part is read', async () => {
  let written = 0
  const server = await serve((response) => {
    response.writeHead(500, { 'content-type': 'text/plain' })
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const write = (): void => {
      while (written < 10_000_000 && !response.destroyed) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', write)
      }
      response.end()
    }
    write()
  })
  const error = await failureOf(clientOf(server.apiUrl).get('/health'))
  expect(error).toMatchObject({ code: 'SERVER_ERROR', status: 500 })
  expect(error.message.length).toBeLessThan(300)
  expect(written).toBeLessThan(10_000_000)
})

test('a long explanation is cut, and has no line breaks', async () => {
  const server = await serve(json(400, { detail: `a\r\nb\u0000${'x'.repeat(50_000)}` }))
  const { detail = '' } = await failureOf(clientOf(server.apiUrl).get('/health'))
  expect(detail).toMatch(/^a b x{900,1000}…$/)
})

test('a redirect is an error that names where to, without its credentials and query', async () => {
  const location = 'https://me:c4nary@login.example/start?token=c4nary'
  const server = await serve(reply(302, '', { location }))
  const error = await failureOf(clientOf(server.apiUrl).get('/health'))
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(error.message).toContain('redirected to https://login.example/start')
  expect(error.message).not.toContain('c4nary')
})

test.each([
  ['before any answer', () => {}],
  ['in the headers', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-')],
  [
    'in the body',
    (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"'),
  ],
  [
    'slowly, a byte at a time',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n')
      const timer = setInterval(() => socket.write(' '), 20)
      socket.on('close', () => clearInterval(timer))
    },
  ],
])('a server that stalls %s: TIMEOUT at the limit of the whole call', async (_, handle) => {
  const client = clientOf(await serveRaw(handle))
  const start = performance.now()
  const error = await failureOf(client.get('/health', { timeoutMs: 300 }))
  expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true })
  expect(error.message).toContain('within 300 ms')
  expect(performance.now() - start).toBeLessThan(10_000)
})

test("abort rejects with the signal's reason: before, during, and between attempts", async () => {
  const stalling = clientOf(await serveRaw(() => {}))
  const reason = new Error('enough')
  await expect(stalling.get('/health', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)

  const during = new AbortController()
  setTimeout(() => during.abort(reason), 50)
  await expect(stalling.get('/health', { signal: during.signal })).rejects.toBe(reason)

  const busy = await serve(json(503, {}, { 'retry-after': '30' }))
  const between = new AbortController()
  setTimeout(() => between.abort(reason), 200)
  const start = performance.now()
  const waiting = clientOf(busy.apiUrl, { env: {} })
  await expect(waiting.get('/health', { signal: between.signal })).rejects.toBe(reason)
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('a server that is down: CONNECTION_FAILED, the address and where it stood', async () => {
  const env = { ...once, PREFECT_API_URL: 'http://127.0.0.1:9/api' }
  const error = await failureOf(clientOf('', { apiUrl: undefined, env }).get('/health'))
  expect(error).toMatchObject({ code: 'CONNECTION_FAILED', status: undefined, retryable: true })
  expect(error.message).toContain(
    'http://127.0.0.1:9/api (from environment variable PREFECT_API_URL)',
  )
  expect(error.message).toContain('connection refused')
  expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' })
})

test('what is no HTTP is INVALID_RESPONSE', async () => {
  const client = clientOf(
    await serveRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n'))),
  )
  expect(await failureOf(client.get('/health'))).toMatchObject({ code: 'INVALID_RESPONSE' })
})

test('a GET is repeated when the connection breaks; a POST that the server would take for another one is not', async () => {
  let connections = 0
  const apiUrl = await serveRaw((socket) => {
    connections++
    socket.once('data', () => {
      if (connections < 2) socket.destroy()
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue')
    })
  })
  const client = clientOf(apiUrl, { env: withoutJitter })
  expect(await client.get('/health')).toBe(true)
  expect(connections).toBe(2)
  connections = 0
  const error = await failureOf(client.post('/logs/', { body: [] }))
  expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false })
  expect(error.message).toContain('It is unknown whether the server acted')
  expect(connections).toBe(1)
})

test.each([429, 503])('%i with Retry-After is waited out, also for a POST', async (status) => {
  const server = await serve((response, seen) =>
    seen.length === 1
      ? json(status, {}, { 'retry-after': '0.2' })(response, seen)
      : json(200, 7)(response, seen),
  )
  const start = performance.now()
  const client = clientOf(server.apiUrl, { env: withoutJitter })
  await client.post('/logs/', { body: [] })
  expect(performance.now() - start).toBeGreaterThanOrEqual(195)
  expect(server.seen).toHaveLength(2)
})

test('no wait that the limit does not leave time for', async () => {
  const server = await serve(json(503, {}, { 'retry-after': '60' }))
  const start = performance.now()
  const client = clientOf(server.apiUrl, { env: {} })
  const error = await failureOf(client.get('/health', { timeoutMs: 30_000 }))
  expect(error.code).toBe('UNAVAILABLE')
  expect(performance.now() - start).toBeLessThan(10_000)
})
