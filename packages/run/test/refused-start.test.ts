import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { spawnJob } from './spawn-job.ts'

// No rule of the open-source server ends the first transition of a flow run: a server that does so stands in.
it.each([
  ['ABORT', { type: 'PENDING', name: 'Pending' }, 'the rules say no'],
  ['REJECT', { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' }, 'the rules say no'],
])('a run of its own that the server does not let start (%s) does no work', async (...given) => {
  const [status, state, reason] = given
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const { url = '' } = request
      if (url.includes('set_state')) asked.push(JSON.parse(text))
      const answer = url.includes('set_state')
        ? { status, state, details: { type: 'abort_details', reason } }
        : url.includes('csrf')
          ? undefined
          : { id: 'b0d4fa0e-9d5f-4a24-a4b8-2f8df0d8b0a5', name: 'odd-otter' }
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { detail: 'Not Found' }))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const env = {
    PREFECT_API_URL: `http://127.0.0.1:${port}/api`,
    JOB_OPTIONS: JSON.stringify({ flowName: 'refused' }),
  }
  const job = spawnJob(['--params', '{"mode":"return","value":1}'], env, 'own.ts')
  const { code, stdout, stderr } = await job.exit
  expect({ code, stdout }).toEqual({ code: expect.any(Number) as number, stdout: '' })
  expect(code).not.toBe(0)
  expect(stderr).toContain(reason)
  expect(stderr).not.toContain('attempt 1')
  expect(asked).toMatchObject([{ state: { type: 'RUNNING' } }])
})
