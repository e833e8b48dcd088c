import { expect, test } from 'vitest'
import { readLogs, setFlowRunState, type Log } from '../../src/index.ts'
import { client, collect, createRun, failureOf, withPost } from './support.ts'

const begin = Date.now() - 60_000

async function write(
  id: string,
  lines: [message: string, at: number, level?: number][],
): Promise<void> {
  await client.post('/logs/', {
    body: lines.map(([message, at, level = 20]) => ({
      name: 'test',
      level,
      message,
      timestamp: new Date(begin + at).toISOString(),
      flow_run_id: id,
    })),
  })
}

const messages = (logs: Log[]): string[] => logs.map(({ message }) => message)

test('several pages, most lines of the same time: each once', async () => {
  const id = await createRun('RUNNING')
  const lines = Array.from(
    { length: 450 },
    (_, index) => [String(index), index < 150 ? 0 : index < 440 ? 1 : 2] as [string, number],
  )
  await write(id, lines)
  const found = messages(await collect(readLogs(client, { flowRunId: id })))
  expect(found).toHaveLength(450)
  expect(new Set(found)).toEqual(new Set(lines.map(([message]) => message)))
  expect(found.slice(440).toSorted()).toEqual(lines.slice(440).map(([message]) => message))
})

test('the level, and a run without lines', async () => {
  const id = await createRun('RUNNING')
  expect(await collect(readLogs(client, { flowRunId: id }))).toEqual([])
  await write(id, [
    ['low', 0, 20],
    ['high', 1, 40],
    ['middle', 2, 30],
  ])
  const found = await collect(readLogs(client, { flowRunId: id, level: 30 }))
  expect(messages(found)).toEqual(['high', 'middle'])
})

test('following: lines that come late, and of earlier times, come once; the end is the run’s', async () => {
  const id = await createRun('RUNNING')
  await write(
    id,
    Array.from({ length: 205 }, (_, index) => [`a${index}`, index]),
  )
  const found: string[] = []
  let polls = 0
  // Between two looks of the reader.
  const watched = withPost(async (_path, call) => {
    polls += 1
    if (polls === 3) {
      await write(id, [
        ['early', -5],
        ['between', 100],
        ['after', 900],
      ])
    }
    if (polls === 5) await write(id, [['earliest', -9]])
    return call()
  })
  setTimeout(() => void setFlowRunState(client, id, { type: 'COMPLETED' }), 1500)
  const logs = readLogs(watched, { flowRunId: id, follow: true, pollIntervalMs: 250 })
  for await (const log of logs) found.push(log.message)
  expect(new Set(found).size).toBe(found.length)
  const firsts = Array.from({ length: 205 }, (_, index) => `a${index}`)
  expect(found.slice(0, 205)).toEqual(firsts)
  expect(found.slice(205).toSorted()).toEqual(['after', 'between', 'earliest', 'early'])
})

test('the signal ends following; a break does, too', async () => {
  const id = await createRun('RUNNING')
  await write(id, [['one', 0]])
  const reason = new Error('enough')
  const stop = new AbortController()
  const logs = readLogs(client, { flowRunId: id, follow: true, signal: stop.signal })
  expect((await logs.next()).value).toMatchObject({ message: 'one' })
  setTimeout(() => stop.abort(reason), 200)
  await expect(logs.next()).rejects.toBe(reason)
  for await (const log of readLogs(client, { flowRunId: id, follow: true })) {
    expect(log.message).toBe('one')
    break
  }
})

test('without a run, and with one that does not exist', async () => {
  expect(await failureOf(readLogs(client, {}).next())).toMatchObject({ code: 'INVALID_REQUEST' })
  const nobody = readLogs(client, { flowRunId: crypto.randomUUID(), follow: true })
  expect(await failureOf(nobody.next())).toMatchObject({ code: 'NOT_FOUND' })
})
