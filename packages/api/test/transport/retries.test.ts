import { expect, test } from 'vitest'
import { json, type Answering } from '../fault-server.ts'
import { retryAfterMs, waitMs } from '../../src/wait.ts'
import { failureOf, operations, serve, serveRaw, transportTo } from './setup.ts'

const cut: Answering = (response) => void response.destroy()

/** What the server does each time, and how often a call reaches it that may, or may not, be repeated. */
const faults: [name: string, answer: Answering, repeatable: number, other: number, code: string][] =
  [
    ['408', json(408, {}), 4, 1, 'UNAVAILABLE'],
    ['429', json(429, {}), 4, 4, 'RATE_LIMITED'],
    ['502', json(502, {}), 4, 1, 'UNAVAILABLE'],
    ['503', json(503, {}), 4, 1, 'UNAVAILABLE'],
    ['503 with Retry-After', json(503, {}, { 'retry-after': '1' }), 4, 4, 'UNAVAILABLE'],
    ['418, an extra code', json(418, {}), 4, 1, 'INVALID_REQUEST'],
    ['500', json(500, {}, { 'retry-after': '1' }), 1, 1, 'SERVER_ERROR'],
    ['504', json(504, {}), 1, 1, 'UNAVAILABLE'],
    ['403', json(403, {}), 1, 1, 'FORBIDDEN'],
    ['no reply', cut, 4, 1, 'CONNECTION_FAILED'],
  ]

const rows = faults.flatMap(([fault, answer, repeatable, other, code]) =>
  operations.map(([name, may, call]) => ({
    name: `${fault}, ${name}: ${may ? repeatable : other}`,
    answer,
    call,
    attempts: may ? repeatable : other,
    code: !may && answer === cut ? 'OUTCOME_UNKNOWN' : code,
  })),
)

test('the table has 80 rows', () => expect(rows).toHaveLength(80))

test.each(rows)('$name', async ({ answer, call, attempts, code }) => {
  const server = await serve(answer)
  const env = { PREFECT_CLIENT_MAX_RETRIES: '3', PREFECT_CLIENT_RETRY_EXTRA_CODES: '418' }
  const transport = transportTo(server.apiUrl, { env })
  expect((await failureOf(transport.send(call))).code).toBe(code)
  expect(server.seen).toHaveLength(attempts)
  // No wait after the last attempt.
  expect(transport.waits).toHaveLength(attempts - 1)
  const bodies = new Set(server.seen.map(({ body }) => body))
  expect(bodies.size).toBe(1)
})

const get = { method: 'GET', template: '/health' }

test('by default six attempts, after 2, 4, 8, 10 and 10 s', async () => {
  const server = await serve(json(503, {}))
  const transport = transportTo(server.apiUrl)
  await failureOf(transport.send(get))
  expect(transport.waits).toEqual([2000, 4000, 8000, 10_000, 10_000])
  expect(server.seen).toHaveLength(6)
})

test('a server that is not there is tried again from the first call on, sooner, whatever the call', async () => {
  const transport = transportTo('http://127.0.0.1:9/api')
  const error = await failureOf(transport.send({ method: 'POST', template: '/logs/', body: [] }))
  expect(error.code).toBe('CONNECTION_FAILED')
  expect(transport.waits).toEqual([500, 1000, 2000, 4000, 8000])
})

test('a server whose database was busy took everything back: any call is repeated', async () => {
  const busy = json(503, { exception_message: 'Service Unavailable' })
  const server = await serve((response, seen) =>
    (seen.length === 1 ? busy : json(200, 7))(response, seen),
  )
  const call = { method: 'POST', template: '/logs/', body: [] }
  expect(await transportTo(server.apiUrl).send(call)).toBe(7)
})

test('an attempt that met maintenance does not count', async () => {
  const server = await serve((response, seen) =>
    (seen.length <= 20 ? json(503, {}, { 'prefect-maintenance': 'true' }) : json(200, 7))(
      response,
      seen,
    ),
  )
  const transport = transportTo(server.apiUrl)
  expect(await transport.send({ method: 'POST', template: '/logs/', body: [] })).toBe(7)
  expect(transport.waits).toEqual(Array.from({ length: 20 }, () => 1000))
})

test('a wait that the limit leaves no time for is not begun', async () => {
  const server = await serve(json(429, {}, { 'retry-after': '31' }))
  const transport = transportTo(server.apiUrl)
  const error = await failureOf(transport.send({ ...get, timeoutMs: 30_000 }))
  expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 31_000 })
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ retryAfterMs: 31_000 })
  expect(transport.waits).toEqual([])
})

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'

test.each([
  ['3', 3000],
  ['0.5', 500],
  ['0', 0],
  ['-5', 0],
  [' 2 ', 2000],
  ['Sun, 06 Nov 1994 08:49:40 GMT', 3000],
  ['Sunday, 06-Nov-94 08:49:40 GMT', 3000],
  ['Sun Nov  6 08:49:40 1994', 3000],
  ['Sun, 06 Nov 1994 08:49:30 GMT', 0],
  ['soon 1', undefined],
  ['0x10', undefined],
  ['Infinity', undefined],
])('Retry-After %j: %s ms', async (value, expected) => {
  const server = await serve(json(503, {}, { 'retry-after': value, date }))
  const transport = transportTo(server.apiUrl, { env: { PREFECT_CLIENT_MAX_RETRIES: '1' } })
  await failureOf(transport.send(get))
  expect(transport.waits).toEqual([expected ?? 2000])
})

test("a date counts from the server's own clock, else from ours", () => {
  const headers = { 'retry-after': 'Sun, 06 Nov 1994 08:49:40 GMT' }
  expect(retryAfterMs({ ...headers, date }, Date.now())).toBe(3000)
  expect(retryAfterMs(headers, Date.parse(date) - 1000)).toBe(4000)
})

test.each([
  ['Retry-After: 1', 1000],
  ['Retry-After: 30', 30_000],
  ['no Retry-After', undefined],
])('1,000 clients refused at once with %s: spread, and none too early', (_, askedMs) => {
  const waits = Array.from({ length: 1000 }, () => {
    const random = Math.random()
    const options = { attempts: 1, unreached: false, jitterFactor: 0.2, leftMs: 60_000 }
    return waitMs({ ...options, askedMs, random }) ?? Number.NaN
  })
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(askedMs ?? 2000)
  const slots = new Map<number, number>()
  for (const wait of waits) {
    const slot = Math.floor(wait / 100)
    slots.set(slot, (slots.get(slot) ?? 0) + 1)
  }
  expect(Math.max(...slots.values())).toBeLessThanOrEqual(50)
})

test('what a repetition meets is told as what the first attempt did', async () => {
  const gone = await serve((response, seen) =>
    (seen.length === 1 ? cut : json(404, { detail: 'Not there' }))(response, seen),
  )
  const remove = { method: 'DELETE', template: '/flows/{id}', path: { id: 'x' } }
  expect(await transportTo(gone.apiUrl).send(remove)).toBeUndefined()
  // A 404 at the first attempt stays one.
  expect((await failureOf(transportTo(gone.apiUrl).send(remove))).code).toBe('NOT_FOUND')

  // As Prefect answers a transition that the run has made: with its state, and REJECT or ABORT.
  const set = await serve((response, seen) => {
    const { state } = JSON.parse(seen.at(-1)?.body ?? '')
    const answer = json(200, { state, status: 'REJECT', details: { reason: 'already made' } })
    ;(seen.length === 1 ? cut : answer)(response, seen)
  })
  const state = { type: 'RUNNING', state_details: { flow_run_id: null } }
  const path = { id: 'x' }
  const call = { method: 'POST', template: '/flow_runs/{id}/set_state', path, body: { state } }
  expect(await transportTo(set.apiUrl).send(call)).toMatchObject({ status: 'ACCEPT' })
  const [first, second] = set.seen.map(({ body }) => JSON.parse(body).state.state_details)
  expect(first).toEqual({
    flow_run_id: null,
    transition_id: expect.stringMatching(/^[\da-f-]{36}$/),
  })
  expect(second).toEqual(first)
  expect(state.state_details).toEqual({ flow_run_id: null })
})

test('a real wait: not before Retry-After', async () => {
  const times: number[] = []
  const apiUrl = await serveRaw((socket) =>
    socket.on('data', () => {
      times.push(performance.now())
      const head = 'HTTP/1.1 429 Too Many\r\nRetry-After: 0.3\r\nContent-Length: 0\r\n\r\n'
      socket.write(times.length === 1 ? head : 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1')
    }),
  )
  const { createClient } = await import('../../src/index.ts')
  const client = createClient({ apiUrl, env: { PREFECT_CLIENT_RETRY_JITTER_FACTOR: '0.01' } })
  expect(await client.get('/health')).toBe(1)
  await client.close()
  const [first = 0, second = 0] = times
  expect(second - first).toBeGreaterThanOrEqual(299)
})
