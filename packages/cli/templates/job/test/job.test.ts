import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDataset, writeDataset } from '@prefect-ts/dataset'
import { testJob } from '@prefect-ts/run/testing'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { addUp, params } from '../src/job.ts'

const rundate = '2026-01-31'
const orders = createDataset({ name: 'orders', format: 'csv', rundate })

test('adds up the orders of the day by customer', async () => {
  const local = createMemoryStore()
  await writeDataset(local, orders, 'customer,amount\nAda,12.5\nGrace,30\nAda,7.5\n')

  const { result, failure, artifacts } = await testJob(
    { params, given: { rundate }, stores: { local } },
    addUp,
  )

  assert.equal(failure, undefined)
  const path = 'reports/csv/dataset=totals/rundate=2026-01-31/data.csv'
  assert.deepEqual(result, { customers: 2, amount: 50, path })
  const report = await local.get(path)
  assert.equal(
    await new Response(report?.body).text(),
    'customer,orders,amount\nAda,2,20\nGrace,1,30\n',
  )
  assert.equal(artifacts.length, 1)
})

test('says what is missing', async () => {
  const { failure } = await testJob({ params, given: { rundate } }, addUp)
  assert.equal(failure?.code, 'NOT_FOUND')
  assert.match(failure.message, /"orders"/)
})

test('refuses params that do not fit', async () => {
  const { failure } = await testJob({ params, given: { rundate: 'today' } }, addUp)
  assert.match(failure?.message ?? '', /"rundate"/)
})
