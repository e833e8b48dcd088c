import { createServer, type Server } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, type Client, type PagedPath } from '../../src/index.ts'
import { json, startFaultServer } from '../fault-server.ts'
import { client, collect, createRun, failureOf, unique, until } from './support.ts'

/** Pages of numbers over a real socket, and what was asked for. */
async function numbers(
  total: number,
  { slow = false } = {},
): Promise<{ client: Client; asked: unknown[]; open: () => number; server: Server }> {
  const asked: unknown[] = []
  let open = 0
  const server = createServer((request, response) => {
    let text = ''
    open += 1
    response.once('close', () => (open -= 1))
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const body = JSON.parse(text) as { limit: number; offset: number }
      asked.push(body.offset)
      const items = Array.from(
        { length: Math.max(0, Math.min(body.limit, total - body.offset)) },
        (_, index) => body.offset + index,
      )
      const answer = JSON.stringify(items)
      if (slow && body.offset > 0) return
      response.setHeader('content-type', 'application/json').end(answer)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const own = createClient({ apiUrl: `http://127.0.0.1:${address.port}/api`, env: {} })
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await own.close()
  })
  return { client: own, asked, open: () => open, server }
}

test('more logs than a page has, by offset: each once, in order', async () => {
  const id = await createRun()
  const lines = Array.from({ length: 450 }, (_, index) => ({
    name: 'test',
    level: 20,
    message: String(index),
    timestamp: new Date(1_700_000_000_000 + index).toISOString(),
    flow_run_id: id,
  }))
  await client.post('/logs/', { body: lines })
  const logs = client.paginate('/logs/filter', {
    body: { sort: 'TIMESTAMP_ASC', logs: { flow_run_id: { any_: [id] } } },
  })
  const messages = (await collect(logs)).map(({ message }) => message)
  expect(messages).toEqual(lines.map(({ message }) => message))
  const small = client.paginate('/logs/filter', {
    body: { sort: 'TIMESTAMP_DESC', logs: { flow_run_id: { any_: [id] } } },
    pageSize: 150,
  })
  expect((await collect(small)).map(({ message }) => message)).toEqual(messages.toReversed())
})

test('by page number: every flow of a name', async () => {
  const prefix = unique()
  const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${prefix}-${letter}`)
  for (const name of names) await client.post('/flows/', { body: { name } })
  const flows = client.paginate('/flows/paginate', {
    body: { flows: { name: { like_: prefix } }, sort: 'NAME_ASC' },
    pageSize: 2,
  })
  expect((await collect(flows)).map((flow) => flow.name)).toEqual(names)
})

test('by page token: more events than a page has', async () => {
  const id = `fn.${unique()}`
  const events = Array.from({ length: 120 }, (_, index) => ({
    id: crypto.randomUUID(),
    occurred: new Date(Date.now() - 60_000 + index).toISOString(),
    event: `fn.event.${index}`,
    resource: { 'prefect.resource.id': id },
  }))
  await client.post('/events', { body: events })
  const body = { filter: { resource: { id: [id] }, order: 'ASC' as const } }
  await until(async () => {
    const page = await client.post('/events/filter', { body: { ...body, limit: 1 } })
    return page.total === 120 ? true : undefined
  })
  const found = await collect(client.paginate('/events/filter', { body }))
  expect(found.map(({ event }) => event)).toEqual(events.map(({ event }) => event))
})

test('no item at all, by each way', async () => {
  const name = unique()
  const filter = { body: { flows: { name: { any_: [name] } } } }
  expect(await collect(client.paginate('/flows/filter', filter))).toEqual([])
  expect(await collect(client.paginate('/flows/paginate', filter))).toEqual([])
  const body = { filter: { resource: { id: [name] } } }
  expect(await collect(client.paginate('/events/filter', { body }))).toEqual([])
})

test('the next page is asked for while half of the last is still to be taken, and no sooner', async () => {
  const { client: own, asked } = await numbers(35)
  const iterator = own.paginate('/flows/filter', { pageSize: 10 })
  for (let index = 0; index < 5; index++) await iterator.next()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(asked).toEqual([0])
  await iterator.next()
  await expect.poll(() => asked).toEqual([0, 10])
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(asked).toEqual([0, 10])
  const rest: unknown[] = []
  for await (const item of iterator) rest.push(item)
  expect(rest).toEqual(Array.from({ length: 29 }, (_, index) => index + 6))
  expect(asked).toEqual([0, 10, 20, 30])
})

test('ending the loop early ends the request under way', async () => {
  const { client: own, asked, open } = await numbers(30, { slow: true })
  let taken = 0
  for await (const _ of own.paginate('/flows/filter', { pageSize: 10 })) {
    taken += 1
    if (taken < 8) continue
    await expect.poll(() => asked).toEqual([0, 10])
    break
  }
  await expect.poll(() => open()).toBe(0)
  expect(taken).toBe(8)
})

test('the signal ends the loop: before, between items, and in a request', async () => {
  const { client: own, asked } = await numbers(30, { slow: true })
  const reason = new Error('enough')
  const before = own.paginate('/flows/filter', { signal: AbortSignal.abort(reason) })
  await expect(before.next()).rejects.toBe(reason)
  expect(asked).toEqual([])

  const between = new AbortController()
  const items = own.paginate('/flows/filter', { pageSize: 10, signal: between.signal })
  await items.next()
  between.abort(reason)
  await expect(items.next()).rejects.toBe(reason)
  expect(await items.next()).toEqual({ done: true, value: undefined })

  const within = new AbortController()
  const slow = own.paginate('/flows/filter', { pageSize: 10, signal: within.signal })
  for (let index = 0; index < 10; index++) await slow.next()
  const eleventh = slow.next()
  setTimeout(() => within.abort(reason), 50)
  await expect(eleventh).rejects.toBe(reason)
})

test.each<[PagedPath, unknown]>([
  ['/flows/filter', { detail: 'no list' }],
  ['/flows/filter', null],
  ['/flows/paginate', { results: 'none', pages: 1 }],
  ['/events/filter', [1]],
  ['/events/filter', { events: [], next_page: 'http://x/next' }],
  ['/events/filter', { events: [], next_page: 'http://x/next?page-token=%E0%A4%A' }],
  ['/events/filter', { events: [], next_page: 7 }],
])('%s answered with %j: INVALID_RESPONSE', async (path, answer) => {
  await using server = await startFaultServer(json(200, answer))
  const own = createClient({ apiUrl: server.apiUrl, env: {} })
  const error = await failureOf(collect(own.paginate(path)))
  expect(error).toMatchObject({ code: 'INVALID_RESPONSE', path })
  await own.close()
})

test('a refused page is the error of the loop', async () => {
  const items = client.paginate('/flows/filter', { pageSize: 201 })
  expect(await failureOf(items.next())).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
})
