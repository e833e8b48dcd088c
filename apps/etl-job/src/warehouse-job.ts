import { databaseUrl, type DatabaseBlock } from '@prefect-ts/blocks/database'
import { createDataset, writeDataset } from '@prefect-ts/dataset'
import type { Run } from '@prefect-ts/run'
import { localAdapter } from '@prefect-ts/store-local'
import { Client } from 'pg'
import * as z from 'zod'
import type { CarrierDelay } from './report.ts'

/** What the flow passes: the day, and the block that says where the tables are. */
export const warehouseParams = z.strictObject({
  rundate: z.iso.date('must be a date like "2013-01-31"'),
  warehouse_block: z.templateLiteral(
    ['sqlalchemy-connector/', z.string()],
    'must be a block name like "sqlalchemy-connector/warehouse"',
  ),
})

/** What the flow gets back. */
export interface WarehouseResult {
  paths: readonly string[]
  carriers: readonly CarrierDelay[]
}

const query = `
  SELECT carrier, name, count(*)::int AS flights, (count(*) - count(dep_delay))::int AS cancelled,
    round(avg(dep_delay), 2)::float8 AS mean_delay,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY dep_delay)::numeric, 2)::float8 AS p90_delay
  FROM flights JOIN airlines USING (carrier)
  WHERE make_date(year, month, day) = $1
  GROUP BY carrier, name ORDER BY carrier`

/**
 * The report of {@link carrierDelays}, but from tables of PostgreSQL: the flow names a SQLAlchemy block,
 * the job connects with what that block says.
 */
export async function reportFromWarehouse(
  run: Run<z.infer<typeof warehouseParams>>,
): Promise<WarehouseResult> {
  const { rundate, warehouse_block: name } = run.params
  const block: DatabaseBlock = await run.loadBlock(name)
  const database = new Client({ connectionString: databaseUrl(block).reveal() })
  await database.connect()
  try {
    const { rows } = await database.query<CarrierDelay>(query, [rundate])
    run.log.info(`Read ${rows.length} carriers from ${name}`)
    const delays = createDataset({
      name: 'warehouse_delays',
      type: 'reports',
      format: 'ndjson',
      rundate,
      rundateType: 'specific',
    })
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    const store = await run.openStore('local', { adapters: [localAdapter] })
    const { paths } = await writeDataset(store, delays, lines, {
      signal: run.signal,
      rows: rows.length,
    })
    return { paths, carriers: rows }
  } finally {
    await database.end()
  }
}
