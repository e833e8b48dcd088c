import { createClient } from '@prefect-ts/api'
import { loadBlock } from '@prefect-ts/blocks'

const client = createClient()
const block = await loadBlock('s3-bucket/bench', { client })
console.log(block.data.bucket_name)
await client.close()
