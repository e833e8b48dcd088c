import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { isApiError } from '../../src/index.ts'
import { json } from '../fault-server.ts'
import { serve, transportTo } from './setup.ts'

const canary = 'C4NARYvalue'
const bytes = ['\r\n', '\n', '\r', '\0', '\u0001', '\u001B', '\u007F', '\u0085', '\u2028', '\uD800']
const fragments = [
  'X-Injected: 1',
  'Host: evil.example',
  'Transfer-Encoding: chunked',
  '',
  '\r\n\r\nGET /x HTTP/1.1',
]
const inputs = bytes.flatMap((byte) =>
  fragments.flatMap((fragment) => [`${canary}${byte}${fragment}`, `${byte}${fragment}${canary}`]),
)
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** The places of a call where a text of somebody else can stand. */
const places: [
  string,
  (input: string) => {
    env?: Record<string, string>
    apiUrl?: string
    path?: string
    query?: string
  },
][] = [
  ['key', (input) => ({ env: { PREFECT_API_KEY: input } })],
  [
    'custom header',
    (input) => ({ env: { PREFECT_CLIENT_CUSTOM_HEADERS: JSON.stringify({ 'X-Own': input }) } }),
  ],
  [
    'custom header name',
    (input) => ({ env: { PREFECT_CLIENT_CUSTOM_HEADERS: JSON.stringify({ [input]: 'v' }) } }),
  ],
  ['flow name', (input) => ({ env: { PREFECT__FLOW_NAME: input } })],
  ['path and query', (input) => ({ path: input, query: input })],
]

test('there are 500 inputs', () => expect(inputs.length * places.length).toBe(500))

test.each(places)(
  '%s: an error that does not show it, or one request with nothing added',
  async (name, place) => {
    const server = await serve(json(200, 7))
    let sent = 0
    for (const input of inputs) {
      const { env = {}, path = 'x', query } = place(input)
      const before = server.seen.length
      const attempt = async (): Promise<unknown> => {
        const transport = transportTo(server.apiUrl, { env })
        return await transport.send({
          method: 'GET',
          template: '/flows/{id}',
          path: { id: path },
          query: { q: query },
        })
      }
      const outcome: unknown = await attempt().catch((error: unknown) => error)
      const added = server.seen.slice(before)
      const arrived = added.map(({ url, headers }) => ({
        url,
        host: headers.host,
        injected: 'x-injected' in headers,
      }))
      const search = query === undefined ? '' : `?${new URLSearchParams({ q: query }).toString()}`
      const host = new URL(server.apiUrl).host
      const whole = (): object => ({
        url: `/api/flows/${encodeURIComponent(path)}${search}`,
        host,
        injected: false,
      })
      if (outcome === 7) sent += 1
      expect(arrived).toEqual(outcome === 7 ? [whole()] : [])
      expect(outcome === 7 || isApiError(outcome, 'INVALID_SETTING', 'INVALID_REQUEST')).toBe(true)
      expect(inspect(outcome, { showHidden: true, depth: 9 })).not.toContain(canary)
    }
    // U+2028 is no control character of HTTP: its UTF-8 bytes go through.
    expect(sent > 0).toBe(name !== 'custom header name')
  },
)

test.each(inputs.filter((input) => input.isWellFormed()).slice(0, 60))(
  'user and password in the URL %j are encoded into one header',
  async (input) => {
    const server = await serve(json(200, 7))
    const apiUrl = server.apiUrl.replace('//', `//me:${encoded(input)}@`)
    expect(await transportTo(apiUrl).send({ method: 'GET', template: '/health' })).toBe(7)
    const header = Buffer.from(`me:${input}`).toString('base64')
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${header}`)
  },
)

test('names that a flow was given arrive as UTF-8, without line breaks', async () => {
  const server = await serve(json(200, 7))
  const env = {
    PREFECT__WORKER_ID: 'w-1',
    PREFECT__WORKER_NAME: ' Größe 日本 ',
    PREFECT__FLOW_ID: 'f-1',
    PREFECT__FLOW_NAME: 'a\r\nX-Injected: 1',
    PREFECT__DEPLOYMENT_ID: 'd-1',
    PREFECT__DEPLOYMENT_NAME: 'nightly',
  }
  await transportTo(server.apiUrl, { env }).send({ method: 'GET', template: '/health' })
  const headers = Object.entries(server.seen[0]?.headers ?? {})
    .filter(([name]) => name.startsWith('x-prefect-') && !name.endsWith('version'))
    .map(([name, value]) => [name, Buffer.from(String(value), 'latin1').toString()])
  expect(Object.fromEntries(headers)).toEqual({
    'x-prefect-worker-id': 'w-1',
    'x-prefect-worker-name': 'Größe 日本',
    'x-prefect-flow-id': 'f-1',
    'x-prefect-flow-name': 'a X-Injected: 1',
    'x-prefect-deployment-id': 'd-1',
    'x-prefect-deployment-name': 'nightly',
  })
})
