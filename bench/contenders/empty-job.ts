// An empty job that loads one block.
import { runJob } from '@prefect-ts/run'

await runJob({}, async (run) => {
  const block = await run.loadBlock('s3-bucket/bench')
  return block.data.bucket_name
})
