import { createDataset, readDataset, writeDataset } from '@prefect-ts/dataset'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { localAdapter } from '@prefect-ts/store-local'
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { testJob } from '../src/testing.ts'
import { temporaryFolder } from './spawn-job.ts'

const params = z.strictObject({ runDate: z.iso.date(), limit: z.number().default(10) })
const dataset = createDataset({ name: 'flights', format: 'csv', rundate: '2013-01-01' })

it('runs a job against memory stores and shows what it did', async () => {
  const outcome = await testJob(
    { params, camelCaseParams: true, given: { run_date: '2013-01-31' } },
    async (run) => {
      const store = await run.openStore('remote', { adapters: [] })
      await store.put('a.txt', 'hello')
      run.log.warning('careful', { limit: run.params.limit })
      run.progress(0.25)
      run.progress(0.5)
      await run.artifact.table({ key: 'rows', rows: [{ a: 1 }] })
      await run.event('report.published', { payload: { rows: 1 } })
      return { day: run.params.runDate, at: new Date(0) }
    },
  )
  expect(outcome).toMatchObject({
    result: { day: '2013-01-31', at: '1970-01-01T00:00:00.000Z' },
    failure: undefined,
    exitCode: 0,
    logs: [{ level: 'warning', message: 'careful limit=10' }],
    artifacts: [{ type: 'table', key: 'rows', data: [{ a: 1 }] }],
    progress: 50,
    events: [{ event: 'report.published', payload: { rows: 1 } }],
  })
  expect(await outcome.stores['remote']?.head('a.txt')).toMatchObject({ size: 5 })
})

it('shows failures as the flow would get them', async () => {
  const failed = await testJob({ params, given: {} }, () => 1)
  expect(failed).toMatchObject({
    result: undefined,
    exitCode: 64,
    failure: { code: 'INVALID_PARAMS', retryable: false },
  })
  const error = Object.assign(new Error('down'), { code: 'ECONNREFUSED' })
  const thrown = await testJob({}, () => Promise.reject(error))
  expect(thrown).toMatchObject({ error, exitCode: 69, failure: { retryable: true } })
  expect((await testJob({}, () => ({ big: 1n }))).failure?.code).toBe('INVALID_RESULT')
  expect((await testJob({}, (run) => run.client.apiUrl)).failure?.message).toMatch(/no Prefect API/)
})

it('takes blocks and stores of the test', async () => {
  const basepath = temporaryFolder()
  const memory = createMemoryStore()
  const outcome = await testJob(
    {
      blocks: { 'local-file-system/data': { basepath }, 'secret/key': { value: 'canary-90a1' } },
      datastores: { local: 'local-file-system/data' },
      stores: { remote: memory },
    },
    async (run) => {
      await (await run.openStore('local', { adapters: [localAdapter] })).put('a.txt', 'x')
      await (await run.openStore('remote', { adapters: [] })).put('b.txt', 'y')
      const { data } = await run.loadBlock('secret/key')
      run.log.info(`the key is ${data.value.reveal()}`)
    },
  )
  expect(outcome.failure).toBeUndefined()
  expect(readdirSync(basepath)).toEqual(['a.txt'])
  expect(await memory.head('b.txt')).toMatchObject({ size: 1 })
  expect(outcome.logs[0]?.message).toBe('the key is ********')
})

it('emits asset events for datasets, the ones read before as upstream', async () => {
  const outcome = await testJob({}, async (run) => {
    const store = await run.openStore('local', { adapters: [] })
    const written = await writeDataset(store, dataset, 'a,b\n1,2\n', { rows: 1 })
    const { body } = await readDataset(store, dataset)
    await body.cancel()
    const report = createDataset({ name: 'report', format: 'csv', rundate: '2013-01-01' })
    await writeDataset(store, report, 'x\n')
    return written
  })
  expect(outcome.failure).toBeUndefined()
  const { sha256, bytes, uri } = outcome.result as { sha256: string; bytes: number; uri: string }
  expect(outcome.events.map((event) => event.event)).toEqual([
    'prefect.asset.materialization.succeeded',
    'prefect.asset.referenced',
    'prefect.asset.materialization.succeeded',
  ])
  const [first, read, second] = outcome.events
  expect(first).toMatchObject({
    resource: {
      'prefect.resource.id': uri.replaceAll('%3D', '='),
      'prefect.resource.name': 'flights',
    },
    payload: { rows: 1, bytes, sha256 },
  })
  expect(second?.related).toContainEqual({
    'prefect.resource.id': read?.resource['prefect.resource.id'],
    'prefect.resource.role': 'asset',
  })
  expect(second?.related).toContainEqual({
    'prefect.resource.id': 'prefect-ts',
    'prefect.resource.role': 'asset-materialized-by',
  })
})

async function* broken(): AsyncGenerator<string> {
  yield 'a,b\n'
  throw new Error('the source broke off')
}

it('says which dataset could not be written', async () => {
  const outcome = await testJob({}, async (run) => {
    const store = await run.openStore('local', { adapters: [] })
    await writeDataset(store, dataset, broken())
  })
  expect(outcome.failure?.message).toContain('the source broke off')
  expect(outcome.events).toMatchObject([
    {
      event: 'prefect.asset.materialization.failed',
      resource: { 'prefect.resource.name': 'flights' },
      payload: { error: expect.stringContaining('the source broke off') as string },
    },
  ])
})

it('ends a job at a data check that fails, unless it only warns', async () => {
  const outcome = await testJob({}, async (run) => {
    expect(await run.check('some rows', true, { fields: { rows: 3 } })).toBe(true)
    expect(await run.check('few gaps', false, { severity: 'warning' })).toBe(false)
    await run.check('no duplicates', false, { fields: { duplicates: 2 } })
    return 'not reached'
  })
  expect(outcome).toMatchObject({ exitCode: 64, failure: { code: 'CHECK_FAILED' } })
  expect(outcome.events.map(({ event, payload }) => [event, payload?.['check']])).toEqual([
    ['prefect-ts.data-check.passed', 'some rows'],
    ['prefect-ts.data-check.failed', 'few gaps'],
    ['prefect-ts.data-check.failed', 'no duplicates'],
  ])
  expect(outcome.logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'info Data check "some rows" passed rows=3',
    'warning Data check "few gaps" failed',
    'warning Data check "no duplicates" failed duplicates=2',
  ])
})
