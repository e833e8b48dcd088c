import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isApiError } from '../../src/index.ts'
import { json, reply, type Answering } from '../fault-server.ts'
import { failureOf, serve, transportTo } from './setup.ts'

const get = { method: 'GET', template: '/health' }
const full = process.env['PREFECT_TS_TRIALS'] === 'full'

function packed(status: number, body: Buffer, encoding = 'gzip'): Answering {
  return (response) =>
    void response
      .writeHead(status, { 'content-encoding': encoding, 'content-type': 'application/json' })
      .end(body)
}

test('a packed answer is unpacked, short and long, and an error too', async () => {
  for (const length of [10, 3_000_000]) {
    const text = JSON.stringify('ü'.repeat(length) + String(Math.random()))
    const server = await serve(packed(200, gzipSync(text), length === 10 ? 'GZip' : 'gzip'))
    expect(await transportTo(server.apiUrl).send(get)).toBe(JSON.parse(text))
    expect(server.seen[0]?.headers['accept-encoding']).toBe('gzip')
  }
  const server = await serve(packed(409, gzipSync(JSON.stringify({ detail: 'Because' }))))
  expect(await failureOf(transportTo(server.apiUrl).send(get))).toMatchObject({ detail: 'Because' })
})

test('a packed 10 MB error is an error like any other', async () => {
  const page = gzipSync(JSON.stringify({ detail: 'x'.repeat(10_000_000) }))
  const server = await serve(packed(500, page))
  const error = await failureOf(transportTo(server.apiUrl).send(get))
  expect(error.code).toBe('SERVER_ERROR')
  expect(error.message.length).toBeLessThan(2000)
})

test.each([
  ['no gzip at all', packed(200, Buffer.from('{}'))],
  ['cut', packed(200, gzipSync(JSON.stringify('x'.repeat(100))).subarray(0, 20))],
  ['another encoding', packed(200, Buffer.from('{}'), 'br')],
])('a body that is not what its encoding says (%s): INVALID_RESPONSE', async (_, answer) => {
  const server = await serve(answer)
  const error = await failureOf(transportTo(server.apiUrl).send(get))
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(error.message).toContain('Content-Encoding')
})

test('a gzip bomb is stopped at 64 MiB', { timeout: 60_000 }, async () => {
  // 1 GiB of blanks as 16 members of one stream, each 64 KiB long.
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
  const server = await serve(packed(200, Buffer.concat(Array.from({ length: 16 }, () => member))))
  const transport = transportTo(server.apiUrl)
  let peak = 0
  const before = process.memoryUsage().rss
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5)
  const error = await failureOf(transport.send(get))
  clearInterval(timer)
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(error.message).toContain(`more than ${64 * 1024 * 1024} bytes`)
  expect(peak - before).toBeLessThan(100 * 1024 * 1024)
})

test('an answer without end is stopped at 64 MiB', { timeout: 60_000 }, async () => {
  let written = 0
  const server = await serve((response) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ')
    const write = (): void => {
      while (!response.destroyed && written < 2 ** 30) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', write)
      }
    }
    write()
  })
  const error = await failureOf(transportTo(server.apiUrl).send(get))
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(written).toBeLessThan(2 ** 27)
})

test.each([
  ['x-request-id', 'abc-123', 'abc-123'],
  ['cf-ray', '8f3a-FRA', '8f3a-FRA'],
  ['x-request-id', 'a "strange" one', undefined],
  ['x-request-id', 'x'.repeat(1000), undefined],
])('the request id of %s: %s', async (name, value, expected) => {
  const server = await serve(json(500, {}, { [name]: value }))
  const error = await failureOf(transportTo(server.apiUrl).send(get))
  expect(error.requestId).toBe(expected)
  expect(JSON.parse(JSON.stringify(error)).requestId).toBe(expected)
})

test('200 pollution payloads: no prototype changes, and no own __proto__ arrives', async () => {
  const polluted = { polluted: true }
  const shapes = [
    (key: string) => `{"${key}":{"polluted":true}}`,
    (key: string) => `[{"a":{"${key}":{"polluted":true}}}]`,
    (key: string) => `{"constructor":{"prototype":{"${key}":{"polluted":true}}}}`,
    (key: string) => `{"${key}":[],"${key}":{"polluted":true}}`,
  ]
  const keys = Array.from({ length: 50 }, (_, index) =>
    Array.from('__proto__')
      .map((letter, place) =>
        // Every other way to write the nine letters, some of them escaped.
        (index >> (place % 6)) & 1
          ? `\\u00${letter.charCodeAt(0).toString(16)[index % 2 ? 'toUpperCase' : 'toLowerCase']()}`
          : letter,
      )
      .join(''),
  )
  const payloads = keys.flatMap((key) => shapes.map((shape) => shape(key)))
  expect(payloads).toHaveLength(200)
  const server = await serve((response, seen) =>
    reply(200, payloads[seen.length - 1] ?? '')(response, seen),
  )
  const transport = transportTo(server.apiUrl)
  for (let index = 0; index < 200; index += 1) {
    const answer = (await transport.send(get)) as object
    const copy = Object.assign({}, answer) as Record<string, unknown>
    expect(copy['polluted']).toBeUndefined()
    expect(JSON.stringify(answer)).not.toContain('__proto__')
  }
  expect(({} as typeof polluted).polluted).toBeUndefined()
})

const sample = JSON.stringify({
  id: '11111111-1111-4111-8111-111111111111',
  state: { type: 'RUNNING', name: 'Läuft', data: null, tags: ['a', 'b'], run_count: 3.5e2 },
  detail: [{ loc: ['body', 'x'], msg: 'no', input: { deep: [[[]]] } }],
  exception_message: 'x',
})

/** A number generator that can be started again from its seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(sample)
  for (let count = random(4) + 1; count > 0; count -= 1) {
    const at = random(bytes.length)
    const kind = random(5)
    if (kind === 0) bytes[at] = random(256)
    else if (kind === 1) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes])
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    else bytes.write('["{:,\\'.charAt(random(7)), at)
    if (bytes.length === 0) break
  }
  return bytes
}

test(
  'mutated replies: an answer or an ApiError, never anything else',
  { timeout: 600_000 },
  async () => {
    const random = randomOf(20_260_101)
    const statuses = [200, 200, 200, 201, 400, 404, 409, 422, 500, 503]
    const types = ['application/json', 'text/plain', 'text/html', 'x'.repeat(300)]
    const server = await serve((response) => {
      const headers = { 'content-type': types[random(40)] ?? 'application/json' }
      response.writeHead(statuses[random(10)] ?? 200, headers).end(mutate(random))
    })
    const env = { PREFECT_CLIENT_MAX_RETRIES: '0' }
    const transport = transportTo(server.apiUrl, { env })
    const trials = full ? 100_000 : 5000
    const counts = { answers: 0, errors: 0 }
    const failures: unknown[] = []
    for (let done = 0; done < trials; done += 20) {
      server.seen.length = 0
      await Promise.all(
        Array.from({ length: 20 }, () =>
          transport.send(get).then(
            () => (counts.answers += 1),
            (error: unknown) => {
              if (isApiError(error)) counts.errors += 1
              else failures.push(error)
            },
          ),
        ),
      )
    }
    expect(failures).toEqual([])
    expect(counts.answers + counts.errors).toBe(trials)
    expect(counts.answers).toBeGreaterThan(trials / 100)
    expect(({} as Record<string, unknown>)['state']).toBeUndefined()
  },
)
