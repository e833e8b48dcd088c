import { createSecret } from '@prefect-ts/api'
import { channel } from 'node:diagnostics_channel'
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { assetKey } from '../src/lineage.ts'
import { openRun } from '../src/open-run.ts'
import { apiUrl, createFlowRun, eventually, useClient } from './server.ts'
import { createContext } from './spawn-job.ts'

const client = useClient()

it.each([
  ['s3://bucket/a/data.csv', 's3://bucket/a/data.csv'],
  ['/var/data/a.csv', 'file:///var/data/a.csv'],
  ['memory://x/a%3Db.csv', 'memory://x/a=b.csv'],
  ['s3://bucket/with%20percent', undefined],
  ['s3://bucket/with space', undefined],
  ['S3://bucket/a', undefined],
  ['bucket/a', undefined],
  ['s3://', undefined],
  [`s3://${'x'.repeat(510)}`, undefined],
])('the asset key of %j is %j', (uri, key) => {
  expect(assetKey(uri)).toBe(key)
})

async function eventsOf(resourceId: string) {
  const filter = { resource: { id: [resourceId] }, order: 'ASC' as const }
  return (await client.post('/events/filter', { body: { filter } })).events
}

async function publish(options: {
  lineage?: boolean
}): Promise<{ uri: string; flowRunId: string }> {
  const flowRun = await createFlowRun(client, ['nightly'])
  const taskRun = { id: randomUUID(), name: 'step' }
  const context = createContext({ flowRun, taskRun, parentProcessId: process.ppid })
  const env = { ...context.env, PREFECT_API_URL: apiUrl }
  const run = await openRun({ env, argv: [], ...options })
  const uri = `s3://bucket/${randomUUID()}/data.csv`
  const message = { dataset: { name: 'flights' }, uri, bytes: 8, rows: 1, sha256: 'ab' }
  channel('prefect-ts:dataset.read').publish({ ...message, uri: `${uri}.in` })
  channel('prefect-ts:dataset.write').publish(message)
  channel('prefect-ts:dataset.write-failed').publish({ ...message, error: new Error('disk full') })
  await run.complete()
  return { uri, flowRunId: flowRun.id }
}

it('stores asset events with the run around them, as Python attaches it', async () => {
  const { uri, flowRunId } = await publish({})
  const events = await eventually(async () => {
    const found = await eventsOf(uri)
    return found.length === 2 ? found : undefined
  })
  expect(events.map(({ event }) => event).toSorted()).toEqual([
    'prefect.asset.materialization.failed',
    'prefect.asset.materialization.succeeded',
  ])
  const written = events.find(({ event }) => event.endsWith('succeeded'))
  expect(written).toMatchObject({
    resource: { 'prefect.resource.name': 'flights' },
    payload: { bytes: 8, rows: 1, sha256: 'ab' },
  })
  const roles = (written?.related ?? []).map((each) => each['prefect.resource.role'])
  expect(new Set(roles)).toEqual(
    new Set(['asset', 'asset-materialized-by', 'flow', 'flow-run', 'tag', 'task-run']),
  )
  const ids = (written?.related ?? []).map((each) => each['prefect.resource.id'])
  expect(ids).toEqual(
    expect.arrayContaining([`${uri}.in`, `prefect.flow-run.${flowRunId}`, 'prefect.tag.nightly']),
  )
  expect(await eventsOf(`${uri}.in`)).toMatchObject([{ event: 'prefect.asset.referenced' }])
})

it('is silent when switched off', async () => {
  const off = await publish({ lineage: false })
  // What comes after it on the same way has arrived when this one could have.
  const on = await publish({})
  await eventually(async () => ((await eventsOf(on.uri)).length === 2 ? true : undefined))
  expect(await eventsOf(off.uri)).toEqual([])
})

it('stores a custom event with its payload', async () => {
  const flowRun = await createFlowRun(client)
  const context = createContext({ flowRun, parentProcessId: process.ppid })
  const run = await openRun({ env: { ...context.env, PREFECT_API_URL: apiUrl }, argv: [] })
  const secret = createSecret(`canary-${randomUUID()}`)
  const payload = { rows: 3, text: `with ${secret.reveal()}` }
  const id = await run.event('report.published', { payload })
  await run.complete()
  const stored = await eventually(async () => {
    const events = await eventsOf(`prefect.flow-run.${flowRun.id}`)
    return events.find((event) => event.id === id)
  })
  expect(stored).toMatchObject({
    event: 'report.published',
    payload: { rows: 3, text: 'with ********' },
  })
})
