import { Agent } from 'undici'
import { expect, inject, test } from 'vitest'
import { createClient, isApiError, type ApiError } from '../src/index.ts'

const client = createClient({ apiUrl: inject('prefectApiUrl') })
const unique = `api-${crypto.randomUUID().slice(0, 8)}`

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (answer) => new Error(`It answered ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  )
  if (!isApiError(error)) throw error
  return error
}

test('get, post, patch and delete of an object', async () => {
  const name = unique.replaceAll('-', '_')
  const created = await client.post('/variables/', { body: { name, value: { a: [1, 'ü'] } } })
  expect(created).toMatchObject({ name, value: { a: [1, 'ü'] } })
  const path = { name }
  expect(
    await client.patch('/variables/name/{name}', { path, body: { value: 2, tags: undefined } }),
  ).toBeUndefined()
  expect(await client.get('/variables/name/{name}', { path })).toMatchObject({ value: 2 })
  expect(await client.delete('/variables/name/{name}', { path })).toBeUndefined()
  expect(await failureOf(client.get('/variables/name/{name}', { path }))).toMatchObject({
    code: 'NOT_FOUND',
    status: 404,
    method: 'GET',
    path: `/variables/name/${name}`,
    detail: 'Variable not found.',
    retryable: false,
  })
})

test('put without an answer, and a query', async () => {
  const flow = await client.post('/flows/', { body: { name: unique } })
  const run = await client.post('/flow_runs/', {
    body: { flow_id: flow.id, state: { type: 'PENDING' } },
  })
  expect(run.state_type).toBe('PENDING')
  const logs = [{ name: 'test', level: 20, message: 'hello', timestamp: new Date().toISOString() }]
  await client.post('/logs/', { body: logs.map((log) => ({ ...log, flow_run_id: run.id })) })
  const filter = { logs: { flow_run_id: { any_: [run.id] } } }
  expect(await client.post('/logs/filter', { body: filter })).toMatchObject([{ message: 'hello' }])
  const history = await client.get('/flow_run_states/', { query: { flow_run_id: run.id } })
  expect(history.map(({ type }) => type)).toEqual(['PENDING'])
  await client.delete('/flow_runs/{id}', { path: { id: run.id } })
})

test('a conflict, and a limit that the server refuses', async () => {
  const name = `${unique}-twice`.replaceAll('-', '_')
  await client.post('/variables/', { body: { name, value: 1 } })
  const again = await failureOf(client.post('/variables/', { body: { name, value: 1 } }))
  expect(again).toMatchObject({ code: 'CONFLICT', status: 409 })
  await client.delete('/variables/name/{name}', { path: { name } })
  const tooMany = await failureOf(client.post('/flow_runs/filter', { body: { limit: 201 } }))
  expect(tooMany).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  expect(tooMany.message).toContain('Invalid limit: must be less than or equal to 200.')
})

test('a validation error says which field and why, and repeats nothing that was sent', async () => {
  const body = {
    name: 'C4NARY-name',
    value: 'c4nary-value',
    tags: 'c4nary-tags' as unknown as string[],
  }
  const error = await failureOf(client.post('/variables/', { body }))
  expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  expect(error.message).toContain('body.tags: Input should be a valid list')
  expect(JSON.stringify(error) + error.stack).not.toMatch(/c4nary/i)
})

test('path parameters are encoded whole', async () => {
  const error = await failureOf(
    client.get('/variables/name/{name}', { path: { name: 'a/../b?c#d é' } }),
  )
  expect(error.path).toBe('/variables/name/a%2F..%2Fb%3Fc%23d%20%C3%A9')
})

test('an address without /api is told as such, not as a missing object', async () => {
  const wrong = createClient({ apiUrl: inject('prefectApiUrl').replace(/\/api$/, '') })
  const error = await failureOf(wrong.get('/block_types/slug/{slug}', { path: { slug: 'secret' } }))
  expect(error.code).toBe('INVALID_RESPONSE')
  expect(error.message).toContain('(from the argument apiUrl)')
  expect(error.message).toContain('should end in /api')
  await wrong.close()
})

test('close waits for the call under way; after it, calls are refused', async () => {
  const own = createClient({ apiUrl: inject('prefectApiUrl') })
  const answer = own.get('/admin/version')
  await own.close()
  expect(await answer).toMatch(/^3\./)
  expect(await failureOf(own.get('/health'))).toMatchObject({ code: 'INVALID_REQUEST' })
})

test('close before the first call: calls are refused', async () => {
  for (const dispatcher of [undefined, new Agent()]) {
    const own = createClient({ apiUrl: inject('prefectApiUrl'), dispatcher })
    await own.close()
    const error = await failureOf(own.get('/health'))
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', retryable: false })
    expect(error.message).toContain('the client is closed')
    await dispatcher?.destroy()
  }
})

test.each([0, -1, Number.NaN])('timeoutMs %s is an error', async (timeoutMs) => {
  const error = await failureOf(client.get('/health', { timeoutMs }))
  expect(error).toMatchObject({ code: 'INVALID_REQUEST' })
  expect(error.message).toContain('timeoutMs must be a number above 0')
})

test('an own dispatcher carries the calls, and stays open', async () => {
  const dispatcher = new Agent()
  const own = createClient({ apiUrl: inject('prefectApiUrl'), dispatcher })
  expect(await own.get('/health')).toBe(true)
  await own.close()
  expect(dispatcher.closed).toBe(false)
  expect(Object.keys(dispatcher.stats)).toEqual([new URL(own.apiUrl).origin])
  await dispatcher.destroy()
})
