import { createClient } from '@prefect-ts/api'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createLogSender } from '../src/log-sender.ts'
import { createLog } from '../src/log.ts'

interface Batch {
  lines: { message: string; level: number }[]
  bytes: number
}

/** A server of `POST /logs/` that answers each batch when `answer` says so. */
async function startServer(answer: (count: number) => Promise<void>) {
  const batches: Batch[] = []
  const open = { now: 0, most: 0 }
  async function reply(response: ServerResponse): Promise<void> {
    await answer(batches.length)
    open.now -= 1
    response.writeHead(201, { 'content-type': 'application/json' }).end('null')
  }
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('/logs/')) return response.writeHead(404).end()
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      open.now += 1
      open.most = Math.max(open.most, open.now)
      batches.push({ lines: JSON.parse(text) as Batch['lines'], bytes: text.length })
      void reply(response)
    })
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const client = createClient({ env: {}, apiUrl: `http://127.0.0.1:${port}/api`, maxRetries: 0 })
  const printed: string[] = []
  const sender = createLogSender({
    client: () => client,
    flowRunId: '0197b1f0-5c7e-7c3a-9d52-3f8a1e6b4c01',
    taskRunId: undefined,
    fallback: (text) => printed.push(text),
  })
  return { batches, open, printed, sender, log: createLog(sender.send, sender.minimumLevel) }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

it('sends batches of at most 200 lines and about 1 MB, two at a time', async () => {
  const { batches, open, sender, log } = await startServer(() => pause(20))
  for (let index = 0; index < 1_000; index += 1) log.info(`line ${index}`)
  for (let index = 0; index < 10; index += 1) log.info('x'.repeat(300_000))
  await sender.close(20_000)
  expect(Math.max(...batches.map(({ lines }) => lines.length))).toBe(200)
  expect(Math.max(...batches.map(({ bytes }) => bytes))).toBeLessThan(1_300_000)
  expect(open.most).toBe(2)
  expect(batches.flatMap(({ lines }) => lines)).toHaveLength(1_010)
})

it('sends a few lines within two seconds, without being closed', async () => {
  const { batches, log, sender } = await startServer(() => pause(0))
  log.info('soon')
  await expect.poll(() => batches.length, { timeout: 10_000 }).toBe(1)
  await sender.close(1_000)
})

it('loses nothing to a slow server, and prints what a mute one did not take', async () => {
  let isMute = false
  const { batches, printed, sender, log } = await startServer(() =>
    isMute ? new Promise(() => {}) : pause(700),
  )
  for (let index = 0; index < 2_000; index += 1) log.info(`line ${index}`)
  // Ten batches, two at a time, take longer than the limit.
  await sender.close(2_000)
  expect(batches.flatMap(({ lines }) => lines)).toHaveLength(2_000)
  expect(printed).toEqual([])

  isMute = true
  for (let index = 0; index < 500; index += 1) log.info(`again ${index}`)
  await sender.close(500)
  const all = printed.join('')
  for (const index of [0, 250, 499]) expect(all).toContain(`INFO     again ${index}\n`)
  expect(all).toContain('500 log lines did not reach the Prefect API')
})

it('sends the newest errors first when hurried, and says how many lines were lost', async () => {
  // The third batch never gets its answer: what follows is lost.
  const { batches, printed, sender, log } = await startServer((count) =>
    count === 1 || count === 2 ? pause(0) : count < 5 ? new Promise(() => {}) : pause(0),
  )
  log.info('first')
  for (let index = 0; index < 150; index += 1) log.info(`line ${index}`)
  for (let index = 0; index < 3; index += 1) log.error(`error ${index}`)
  for (let index = 0; index < 20; index += 1) log.info(`late ${index}`)
  await sender.closeHurriedly(1_500)
  expect(batches[0]?.lines.slice(0, 5).map(({ message }) => message)).toEqual([
    'error 2',
    'error 1',
    'error 0',
    'late 19',
    'late 18',
  ])
  expect(printed).toEqual([])

  for (let index = 0; index < 500; index += 1) log.info(`again ${index}`)
  const start = Date.now()
  await sender.closeHurriedly(1_500)
  expect(Date.now() - start).toBeLessThan(5_000)
  const lost = /^(\d+) log lines were lost/.exec(batches.at(-1)?.lines[0]?.message ?? '')?.[1]
  expect(Number(lost)).toBeGreaterThanOrEqual(300)
  expect(printed.join('')).toContain(`${lost} log lines did not reach the Prefect API`)
})
