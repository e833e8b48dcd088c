import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, isApiError, type CreateClientOptions } from '../src/index.ts'
import { json, startFaultServer, type FaultServer, type Received } from './fault-server.ts'

let server: FaultServer
beforeAll(async () => {
  server = await startFaultServer(json(200, []))
})
afterAll(() => server[Symbol.asyncDispose]())

/** What the server saw of a POST with these options. */
async function seenWith(options: CreateClientOptions): Promise<Received> {
  const client = createClient({ apiUrl: server.apiUrl, env: {}, ...options })
  await client.post('/flow_runs/filter', { body: { limit: 1 } })
  await client.close()
  const seen = server.seen.at(-1)
  if (seen === undefined) throw new Error('Nothing arrived')
  return seen
}

const basic = (userinfo: string): string => `Basic ${Buffer.from(userinfo).toString('base64')}`
const withUserinfo = (userinfo: string): string => server.apiUrl.replace('//', `//${userinfo}@`)

test('who calls, which API, what kind of body, and how long it is', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const { method, url, headers, body } = await seenWith({})
  expect([method, url, body]).toEqual(['POST', '/api/flow_runs/filter', '{"limit":1}'])
  expect(headers).toMatchObject({
    'user-agent': `prefect-ts/${version}`,
    'x-prefect-api-version': '0.8.4',
    'content-type': 'application/json',
    'content-length': '11',
  })
  expect(headers.authorization).toBeUndefined()
})

test('Content-Length is there without a body too, as Prefect Cloud requires', async () => {
  const client = createClient({ apiUrl: server.apiUrl, env: {} })
  await client.post('/flow_runs/filter')
  expect(server.seen.at(-1)?.headers).toMatchObject({ 'content-length': '0' })
  await client.get('/deployments/{id}', { path: { id: 'ä b' } })
  expect(server.seen.at(-1)?.url).toBe('/api/deployments/%C3%A4%20b')
  await client.get('/events/filter/next', { query: { 'page-token': 'a&b=ü' } })
  expect(server.seen.at(-1)?.url).toBe('/api/events/filter/next?page-token=a%26b%3D%C3%BC')
  await client.close()
})

test('credentials by precedence: URL, custom header, auth string, key', async () => {
  const key = { apiKey: 'pnu_1234567' }
  const auth = { ...key, authString: 'me:pa:ss-ü' }
  const custom = { ...auth, customHeaders: { AUTHORIZATION: 'Custom c' } }
  const url = { ...custom, apiUrl: withUserinfo('you:%C3%BC') }
  const sent = []
  for (const options of [key, auth, custom, url]) {
    sent.push((await seenWith(options)).headers.authorization)
  }
  expect(sent).toEqual(['Bearer pnu_1234567', basic('me:pa:ss-ü'), 'Custom c', basic('you:ü')])
})

test('custom headers replace ours except the protected ones; UTF-8 goes through', async () => {
  const { headers } = await seenWith({
    customHeaders: {
      'X-Team': 'größe',
      'User-Agent': 'other',
      'Prefect-Csrf-Token': 'x',
      'X-PREFECT-API-VERSION': '0.8.0',
    },
  })
  expect(Buffer.from(String(headers['x-team']), 'latin1').toString()).toBe('größe')
  expect(headers['user-agent']).toMatch(/^prefect-ts\//)
  expect(headers['prefect-csrf-token']).toBeUndefined()
  expect(headers['x-prefect-api-version']).toBe('0.8.0')
})

test.each(['', '.', '..', '\uD800'])('a path parameter %j makes no request', async (id) => {
  const client = createClient({ apiUrl: server.apiUrl, env: {} })
  const before = server.seen.length
  const error: unknown = await client
    .get('/flows/{id}', { path: { id } })
    .catch((it: unknown) => it)
  expect(isApiError(error, 'INVALID_REQUEST')).toBe(true)
  expect(server.seen).toHaveLength(before)
})

test('a body that JSON cannot hold makes no request', async () => {
  const client = createClient({ apiUrl: server.apiUrl, env: {} })
  const before = server.seen.length
  const body = { name: 'x', value: 1n as unknown as number }
  const error: unknown = await client.post('/variables/', { body }).catch((it: unknown) => it)
  expect(isApiError(error, 'INVALID_REQUEST')).toBe(true)
  expect(server.seen).toHaveLength(before)
})
