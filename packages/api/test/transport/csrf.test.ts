import { expect, test } from 'vitest'
import { json, reply, type Answering } from '../fault-server.ts'
import { failureOf, serve, transportTo } from './setup.ts'

const call = { method: 'POST', template: '/logs/', body: [{ message: 'x' }] }
const refusal = (detail: string): Answering => json(403, { detail })

/** A server with CSRF protection whose tokens are good for `uses` calls. */
function protectedBy(uses: number): Answering {
  const left = new Map<string, number>()
  return (response, seen) => {
    const last = seen.at(-1)
    if (last === undefined) throw new Error('Nothing arrived')
    const { method, url, headers } = last
    const client = new URL(url, 'http://x').searchParams.get('client')
    if (client !== null) {
      const token = `token-${seen.length}`
      left.set(`${token} ${client}`, uses)
      // Late, so that calls wait for it together.
      return void setTimeout(() => json(200, { token, client })(response, seen), 50)
    }
    if (method === 'GET') return json(200, 'read')(response, seen)
    const token = headers['prefect-csrf-token']
    if (token === undefined) return refusal('Missing CSRF token.')(response, seen)
    const key = `${String(token)} ${String(headers['prefect-csrf-client'])}`
    const rest = left.get(key) ?? 0
    if (rest === 0) {
      return refusal('Invalid CSRF token or client identifier.')(response, seen)
    }
    left.set(key, rest - 1)
    json(201, 'written')(response, seen)
  }
}

const tokenRequests = (seen: readonly { url: string }[]): number =>
  seen.filter(({ url }) => url.includes('/csrf-token?client=')).length

test('a token is asked for once, for all calls of a client, and not for a GET', async () => {
  const server = await serve(protectedBy(1000))
  const transport = transportTo(server.apiUrl)
  expect(await transport.send({ method: 'GET', template: '/flows/{id}', path: { id: 'x' } })).toBe(
    'read',
  )
  expect(server.seen).toHaveLength(1)
  const answers = await Promise.all(Array.from({ length: 20 }, () => transport.send(call)))
  expect(answers).toEqual(Array.from({ length: 20 }, () => 'written'))
  expect(await transport.send({ ...call, method: 'PATCH' })).toBe('written')
  expect(tokenRequests(server.seen)).toBe(1)
  expect(server.seen.at(-1)?.headers['prefect-csrf-client']).toMatch(/^[\da-f-]{36}$/)
  expect(transport.waits).toEqual([])
})

test('a token that is no longer good is renewed, without a wait and without an attempt less', async () => {
  const server = await serve(protectedBy(2))
  const transport = transportTo(server.apiUrl, { env: { PREFECT_CLIENT_MAX_RETRIES: '0' } })
  for (let index = 0; index < 6; index += 1) expect(await transport.send(call)).toBe('written')
  expect(tokenRequests(server.seen)).toBe(3)
  expect(transport.waits).toEqual([])
})

test('a server that refuses every token is asked once more, not for ever', async () => {
  const server = await serve(protectedBy(0))
  const error = await failureOf(transportTo(server.apiUrl).send(call))
  expect(error).toMatchObject({ code: 'FORBIDDEN', status: 403 })
  expect(error.message).toContain('Invalid CSRF token or client identifier.')
  expect(server.seen).toHaveLength(3)
})

test('a call that is ended while it fetches the token takes no other with it', async () => {
  const server = await serve(protectedBy(10))
  const transport = transportTo(server.apiUrl)
  const controller = new AbortController()
  const first = transport.send({ ...call, signal: controller.signal })
  const ended = first.catch((error: unknown) => error)
  const second = transport.send(call)
  setTimeout(() => controller.abort(new Error('enough')), 20)
  expect(await second).toBe('written')
  expect(await ended).toMatchObject({ message: 'enough' })
})

test.each([404, 422])('%i for the token: the refusal itself is the answer', async (status) => {
  const server = await serve((response, seen) =>
    (seen.at(-1)?.method === 'GET' ? json(status, {}) : refusal('Missing CSRF token.'))(
      response,
      seen,
    ),
  )
  const error = await failureOf(transportTo(server.apiUrl).send(call))
  expect(error).toMatchObject({ code: 'FORBIDDEN', detail: 'Missing CSRF token.' })
})

test.each([
  ['no token', json(200, {})],
  ['a token that no header can carry', json(200, { token: 'a\r\nX: 1' })],
  ['a page', reply(200, '<html></html>')],
])('%s: INVALID_RESPONSE of the call that needed it', async (_, answer) => {
  const server = await serve((response, seen) =>
    (seen.at(-1)?.method === 'GET' ? answer : refusal('Missing CSRF token.'))(response, seen),
  )
  const error = await failureOf(transportTo(server.apiUrl).send(call))
  expect(error).toMatchObject({ code: 'INVALID_RESPONSE', method: 'POST', path: '/logs/' })
})

test('a deletion whose reply was lost before the token was refused is still no NOT_FOUND', async () => {
  const steps: Answering[] = [
    (response) => void response.destroy(),
    refusal('Invalid CSRF token or client identifier.'),
    json(200, { token: 'token' }),
    json(404, { detail: 'Not there' }),
  ]
  const server = await serve((response, seen) => steps[seen.length - 1]?.(response, seen))
  const remove = { method: 'DELETE', template: '/flows/{id}', path: { id: 'x' } }
  expect(await transportTo(server.apiUrl).send(remove)).toBeUndefined()
  expect(server.seen).toHaveLength(4)
})

test('switched off by its setting, and on Prefect Cloud, no token is asked for', async () => {
  const server = await serve(protectedBy(10))
  for (const env of [
    { PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: 'false' },
    { PREFECT_CLOUD_API_URL: server.apiUrl },
  ]) {
    const error = await failureOf(transportTo(server.apiUrl, { env }).send(call))
    expect(error.code).toBe('FORBIDDEN')
  }
  expect(tokenRequests(server.seen)).toBe(0)
})
