import { runJob } from '@prefect-ts/run'
import { azureAdapter } from '@prefect-ts/store-azure'
import { gcsAdapter } from '@prefect-ts/store-gcs'
import { localAdapter } from '@prefect-ts/store-local'
import { s3Adapter } from '@prefect-ts/store-s3'
import { carrierDelays } from './job.ts'
import { params } from './params.ts'

const adapters = [localAdapter, s3Adapter, gcsAdapter, azureAdapter]
const datastores = { local: 'local-file-system/etl-data', remote: 's3-bucket/etl-data' }

// Where no file is shared, as in a container, the result may go to any of these stores.
const resultStorage = { adapters }

await runJob({ params, datastores, resultStorage }, (run) => carrierDelays(run, adapters))
