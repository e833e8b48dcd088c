import { createClient } from '@prefect-ts/api'
import { loadBlock } from '@prefect-ts/blocks'
import { s3BucketSchema } from '@prefect-ts/blocks/zod/s3-bucket'

const client = createClient()
const block = await loadBlock('s3-bucket/bench', { client })
console.log(s3BucketSchema.parse(block.data).bucket_name)
await client.close()
