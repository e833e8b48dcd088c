import { runJob } from '@prefect-ts/run'
import { addUp, params } from './job.ts'

await runJob({ params }, addUp)
