import { uploadDirectory } from '@prefect-ts/store'
import { createS3Store } from '@prefect-ts/store-s3'

const [, , verb, from = '', to = ''] = process.argv
const store = createS3Store({ bucket: 'bench', endpoint: process.env['S3_ENDPOINT'] })
if (verb === 'upload') await store.upload(from, to)
if (verb === 'download') await store.download(from, to)
if (verb === 'directory') await uploadDirectory(store, from, to, { concurrency: 32 })
if (verb === 'list') {
  let count = 0
  for await (const entry of store.list({ prefix: from })) count += entry.size === 0 ? 1 : 0
  if (count !== Number(to)) throw new Error(`listed ${count}`)
}
console.log('done')
