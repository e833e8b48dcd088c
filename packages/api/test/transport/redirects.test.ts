import { expect, test } from 'vitest'
import { json, reply, type Answering } from '../fault-server.ts'
import { failureOf, operations, serve, transportTo } from './setup.ts'

const to = (status: number, location: string): Answering => reply(status, '', { location })
const post = { method: 'POST', template: '/flows/', body: { name: 'x' } }
const key = { PREFECT_API_KEY: 'pnu_c4nary-key' }

test.each([307, 308])(
  '%i on the same server is followed, with method, body and headers',
  async (status) => {
    const server = await serve((response, seen) =>
      (seen.length === 1 ? to(status, '/api/flows?a=1') : json(201, 7))(response, seen),
    )
    expect(await transportTo(server.apiUrl, { env: key }).send(post)).toBe(7)
    expect(server.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/api/flows/', '{"name":"x"}'],
      ['POST', '/api/flows?a=1', '{"name":"x"}'],
    ])
    expect(server.seen[1]?.headers.authorization).toBe('Bearer pnu_c4nary-key')
  },
)

test('five times at most', async () => {
  const server = await serve(to(307, 'again'))
  const error = await failureOf(transportTo(server.apiUrl).send(post))
  expect(error).toMatchObject({ code: 'INVALID_RESPONSE', status: 307 })
  expect(error.message).toContain('redirected more than 5 times')
  expect(server.seen).toHaveLength(6)
})

test.each([301, 302, 303])(
  '%i is an error that names where to, whatever the call',
  async (status) => {
    const server = await serve(to(status, '/login/start?token=c4nary'))
    for (const [, , call] of operations) {
      const error = await failureOf(transportTo(server.apiUrl).send(call))
      expect(error).toMatchObject({ code: 'INVALID_RESPONSE', status })
      expect(error.message).toContain(`redirected to ${new URL(server.apiUrl).origin}/login/start.`)
      expect(error.message).not.toContain('c4nary')
    }
    expect(server.seen).toHaveLength(operations.length)
  },
)

test('no credential and no body reaches another server', async () => {
  const other = await serve(json(200, 7))
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await serve(to(status, `${other.apiUrl}/flows/`))
    const env = { ...key, PREFECT_CLIENT_CUSTOM_HEADERS: '{"X-Token": "c4nary"}' }
    const error = await failureOf(transportTo(server.apiUrl, { env }).send(post))
    expect(error.message).toContain(`redirected to ${other.apiUrl}/flows/`)
  }
  expect(other.seen).toEqual([])
})

const metadataHosts = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.0.23',
  '100.100.100.200',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  'metadata.google.internal',
]

test.each(metadataHosts)('a redirect to %s is refused', async (host) => {
  for (const location of [`http://${host}/latest`, `//${host}/latest`, `https://me@${host}:80/`]) {
    const server = await serve(to(307, location))
    const error = await failureOf(transportTo(server.apiUrl).send(post))
    expect(error).toMatchObject({ code: 'INVALID_RESPONSE', status: 307 })
    expect(server.seen).toHaveLength(1)
  }
})

test.each(['', 'http://', 'javascript:alert(1)', 'http://[', '\\\\other.example/x'])(
  'a Location %j leads nowhere else',
  async (location) => {
    const server = await serve(to(308, location))
    const error = await failureOf(transportTo(server.apiUrl).send(post))
    expect(error.code).toBe('INVALID_RESPONSE')
  },
)

test('the same server with a user in the Location is refused too', async () => {
  const server = await serve((response, seen) =>
    to(307, server.apiUrl.replace('//', '//me:c4nary@'))(response, seen),
  )
  const error = await failureOf(transportTo(server.apiUrl).send(post))
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(error.message).not.toContain('c4nary')
  expect(server.seen).toHaveLength(1)
})
