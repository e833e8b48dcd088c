import { runJob } from '@prefect-ts/run'
import { carrierDelays } from './job.ts'
import { params } from './params.ts'

await runJob({ params, datastores: { local: 'local-file-system/etl-data' } }, carrierDelays)
