// A job as the README of @prefect-ts/run has it; prints as soon as its own code runs.
import { runJob } from '@prefect-ts/run'
import { localAdapter } from '@prefect-ts/store-local'
import * as z from 'zod'

const params = z.strictObject({ key: z.string().default('a') })

await runJob({ params }, (run) => {
  console.log(`first line ${performance.timeOrigin + performance.now()}`)
  return [run.params.key, localAdapter.types]
})
