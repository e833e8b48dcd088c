import { expect, test } from 'vitest'
import { emitEvents, type NewEvent } from '../../src/index.ts'
import { client, collect, failureOf, unique, until } from './support.ts'

const resource = (): NewEvent['resource'] => ({
  'prefect.resource.id': `fn.${unique()}`,
  color: 'ü',
})

test('more events than one request takes, read back whole', async () => {
  const about = resource()
  const events = Array.from({ length: 250 }, (_, index) => ({
    event: `fn.happened.${index}`,
    resource: about,
    related: [{ 'prefect.resource.id': 'prefect.tag.x', 'prefect.resource.role': 'tag' }],
    payload: { index },
  }))
  const ids = await emitEvents(client, events)
  expect(new Set(ids).size).toBe(250)
  const filter = { resource: { id: [about['prefect.resource.id']] } }
  await until(async () => {
    const { total } = await client.post('/events/filter', { body: { filter } })
    return total === 250 ? true : undefined
  }, 30_000)
  const found = await collect(client.paginate('/events/filter', { body: { filter } }))
  expect(new Set(found.map(({ id }) => id))).toEqual(new Set(ids))
  const last = found.find(({ id }) => id === ids[249])
  expect(last).toMatchObject(events[249] ?? {})
  expect(Math.abs(Date.now() - Date.parse(last?.occurred ?? ''))).toBeLessThan(120_000)
}, 60_000)

test('nothing to emit', async () => {
  expect(await emitEvents(client, [])).toEqual([])
})

test('an event over a limit is refused before any is sent', async () => {
  const fine = { event: 'fn.fine', resource: resource() }
  const related = { 'prefect.resource.id': 'x', 'prefect.resource.role': 'y' }
  const labels = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x']))
  const bad: [NewEvent, RegExp][] = [
    [{ ...fine, payload: { text: 'x'.repeat(1_500_000) } }, /"fn.fine": it takes 15\d+ bytes/],
    [{ ...fine, related: Array.from({ length: 101 }, () => related) }, /101 related .* 100$/],
    [{ ...fine, resource: { ...fine.resource, ...labels } }, /502 labels, the limit is 500/],
  ]
  for (const [event, message] of bad) {
    const error = await failureOf(emitEvents(client, [fine, event]))
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: undefined })
    expect(error.message).toMatch(message)
  }
})

test('an event of nearly the largest size is kept', async () => {
  const about = resource()
  const payload = { text: 'x'.repeat(1_498_000) }
  const [id] = await emitEvents(client, [{ event: 'fn.large', resource: about, payload }])
  const filter = { resource: { id: [about['prefect.resource.id']] } }
  const event = await until(async () => {
    const { events } = await client.post('/events/filter', { body: { filter } })
    return events[0]
  }, 30_000)
  expect(event).toMatchObject({ id, payload })
}, 60_000)
