import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { failureOf, later, serveRaw, transportTo } from './setup.ts'

const limitMs = 500
// 10 %, and room for a busy machine.
const latestMs = limitMs * 1.1 + 400
const trials = process.env['PREFECT_TS_TRIALS'] === 'full' ? 100 : 20

/** Twenty calls at once: more than there are connections, so that some stall before they have one. */
async function endAll(
  apiUrl: string,
): Promise<{ codes: Set<string>; first: number; last: number }> {
  const transport = transportTo(apiUrl)
  const start = performance.now()
  const calls = Array.from({ length: trials }, async () => {
    const call = transport.send({ method: 'GET', template: '/health', timeoutMs: limitMs })
    const { code } = await failureOf(call)
    return { code, after: performance.now() - start }
  })
  const ended = await Promise.all(calls)
  const times = ended.map(({ after }) => after)
  const codes = new Set(ended.map(({ code }) => code))
  return { codes, first: Math.min(...times), last: Math.max(...times) }
}

test.each<[string, (socket: Socket) => void]>([
  ['says nothing', () => {}],
  ['stops in the headers', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-')],
  [
    'stops in the body',
    (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a"'),
  ],
  [
    'sends a byte at a time',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      const timer = setInterval(() => socket.write('1\r\n \r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    },
  ],
])('a server that %s', async (_, handle) => {
  const { codes, first, last } = await endAll(await serveRaw(handle))
  expect([...codes]).toEqual(['TIMEOUT'])
  expect(first).toBeGreaterThanOrEqual(limitMs - 2)
  expect(last).toBeLessThan(latestMs)
})

test('a server that does not take the connection', async () => {
  const script = `const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  later(() => child.kill('SIGKILL'))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  // Its queue of connections that nobody takes is full with these; the system drops any more.
  for (let count = 0; count < 4; count += 1) {
    const socket = connect(Number(port.toString()), '127.0.0.1').on('error', () => {})
    later(() => socket.destroy())
  }
  const { codes, first, last } = await endAll(`http://127.0.0.1:${port.toString()}/api`)
  expect([...codes]).toEqual(['TIMEOUT'])
  expect(first).toBeGreaterThanOrEqual(limitMs - 2)
  expect(last).toBeLessThan(latestMs)
})

test('a POST that stalls after it was sent: OUTCOME_UNKNOWN where a repetition could act twice', async () => {
  const apiUrl = await serveRaw(() => {})
  const call = { method: 'POST', template: '/logs/', body: [], timeoutMs: 300 }
  const error = await failureOf(transportTo(apiUrl).send(call))
  expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: false })
})
