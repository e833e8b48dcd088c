import { runJob } from '@prefect-ts/run'
import { reportFromWarehouse, warehouseParams } from './warehouse-job.ts'

await runJob(
  { params: warehouseParams, datastores: { local: 'local-file-system/etl-data' } },
  reportFromWarehouse,
)
