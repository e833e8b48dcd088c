import { createDataset, readRows, writeRows } from '@prefect-ts/dataset'
import { csv } from '@prefect-ts/dataset/csv'
import type { Run } from '@prefect-ts/run'
import { localAdapter } from '@prefect-ts/store-local'
import * as z from 'zod'

/** What the flow passes: small, the data is in the store. */
export const params = z.strictObject({ rundate: z.iso.date() })

const Order = z.object({ customer: z.string(), amount: z.number() })
const Total = z.object({ customer: z.string(), orders: z.number().int(), amount: z.number() })

/** What the flow gets back. */
export interface Result {
  customers: number
  amount: number
  path: string
}

/** Adds up the day's orders by customer. */
export async function addUp(run: Run<z.infer<typeof params>>): Promise<Result> {
  const { rundate } = run.params
  const store = await run.openStore('local', { adapters: [localAdapter] })

  const orders = createDataset({ name: 'orders', format: 'csv', rundate })
  const totals = new Map<string, z.infer<typeof Total>>()
  for await (const order of readRows(store, orders, {
    codec: csv(),
    schema: Order,
    signal: run.signal,
  })) {
    const total = totals.get(order.customer) ?? { customer: order.customer, orders: 0, amount: 0 }
    total.orders += 1
    total.amount += order.amount
    totals.set(order.customer, total)
  }

  const rows = [...totals.values()]
  const report = createDataset({ name: 'totals', type: 'reports', format: 'csv', rundate })
  const written = await writeRows(store, report, rows, {
    codec: csv(),
    schema: Total,
    signal: run.signal,
  })
  run.log.info('Wrote the totals', { customers: rows.length, path: written.path })
  await run.artifact.table({ key: 'totals', rows })
  return {
    customers: rows.length,
    amount: rows.reduce((sum, { amount }) => sum + amount, 0),
    path: written.path,
  }
}
