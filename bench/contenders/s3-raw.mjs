import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

const [, , verb, from = '', to = ''] = process.argv
const client = new S3Client({
  endpoint: process.env['S3_ENDPOINT'] ?? '',
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
})
const Bucket = 'bench'
if (verb === 'upload' || verb === 'upload-head') {
  const params = { Bucket, Key: to, Body: createReadStream(from) }
  await new Upload({ client, params, partSize: 8 * 1024 * 1024 }).done()
  if (verb === 'upload-head') await client.send(new HeadObjectCommand({ Bucket, Key: to }))
}
if (verb === 'download') {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: from }))
  await pipeline(Body, createWriteStream(to))
}
if (verb === 'directory') {
  const names = (await readdir(from)).values()
  const worker = async () => {
    for (const name of names) {
      const Body = await readFile(join(from, name))
      await client.send(new PutObjectCommand({ Bucket, Key: `${to}/${name}`, Body }))
    }
  }
  await Promise.all(Array.from({ length: 32 }, worker))
}
if (verb === 'list') {
  let count = 0
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: from })) {
    count += page.Contents?.length ?? 0
  }
  if (count !== Number(to)) throw new Error(`listed ${count}`)
}
console.log('done')
