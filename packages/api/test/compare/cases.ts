import { json, reply, type Answering } from '../fault-server.ts'

/** One fault, and the call that both clients make into it. */
export interface ComparedCase {
  name: string
  method: 'GET' | 'POST'
  path: string
  body?: unknown
  answer: Answering
  /** Whether the server has CSRF protection. */
  hasCsrf?: boolean
  /** Whether nothing listens. */
  down?: boolean
}

const cut: Answering = (response) => void response.destroy()
const logs = { method: 'POST', path: '/logs/', body: [] } as const
const flow = { method: 'POST', path: '/flows/', body: { name: 'c4nary' } } as const
const health = { method: 'GET', path: '/health' } as const
const page = '<html><title>Welcome</title></html>'

/** The first answer to a call, and then success. */
function once(first: Answering, count = 1): Answering {
  return (response, seen) => {
    const calls = seen.filter(({ url }) => !url.includes('/csrf-token')).length
    ;(calls <= count ? first : json(200, true))(response, seen)
  }
}

export const cases: readonly ComparedCase[] = [
  { name: 'No fault, first POST of a client', ...logs, answer: json(201, []) },
  { name: '503 for ever, GET', ...health, answer: json(503, {}) },
  { name: '503 for ever, POST of logs', ...logs, answer: json(503, {}) },
  { name: '502 once, POST of logs', ...logs, answer: once(json(502, {})) },
  {
    name: '429 once with `Retry-After: 3`, POST of logs',
    ...logs,
    answer: once(json(429, {}, { 'retry-after': '3' })),
  },
  {
    name: '503 for ever with `Retry-After: 100`, GET, limit 2 s',
    ...health,
    answer: json(503, {}, { 'retry-after': '100' }),
  },
  {
    name: 'Maintenance eight times, GET',
    ...health,
    answer: once(json(503, {}, { 'prefect-maintenance': 'true' }), 8),
  },
  { name: '500, GET', ...health, answer: json(500, {}) },
  { name: 'Reply lost once, POST of a flow', ...flow, answer: once(cut) },
  { name: 'Reply lost once, POST of logs', ...logs, answer: once(cut) },
  { name: 'Nothing listens, GET', ...health, answer: cut, down: true },
  { name: 'No answer at all, GET, limit 2 s', ...health, answer: () => {} },
  {
    name: 'CSRF token refused once, POST',
    ...logs,
    hasCsrf: true,
    answer: (response, seen) => {
      const created = new Date()
      const expiration = new Date(created.getTime() + 3_600_000)
      const client = new URL(seen.at(-1)?.url ?? '', 'http://x').searchParams.get('client')
      const id = '11111111-1111-4111-8111-111111111111'
      const refused = seen.filter(({ method }) => method === 'POST').length === 1
      if (client !== null) {
        json(200, { id, created, updated: created, token: 't', client, expiration })(response, seen)
      } else if (refused) {
        json(403, { detail: 'Invalid CSRF token or client identifier.' })(response, seen)
      } else json(201, [])(response, seen)
    },
  },
  {
    name: '302 to a login page, POST of a flow',
    ...flow,
    answer: (response, seen) =>
      (seen.at(-1)?.url === '/login' ? reply(200, page) : reply(302, '', { location: '/login' }))(
        response,
        seen,
      ),
  },
  { name: '200 with an HTML page, GET', ...health, answer: reply(200, page) },
  {
    name: '422 that repeats the body, a secret in it',
    ...flow,
    answer: (response, seen) =>
      json(422, { exception_message: 'Invalid', request_body: seen.at(-1)?.body })(response, seen),
  },
]
