import { runJob } from '@prefect-ts/run'
import { addUp, params } from './job.ts'

// The block where neither the flow nor PREFECT_DATA_BLOCK_LOCAL names one.
const datastores = { local: 'local-file-system/{{name}}' }

await runJob({ params, datastores }, addUp)
