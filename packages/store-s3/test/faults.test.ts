import { createHash } from 'node:crypto'
import { createS3Store } from '@prefect-ts/store-s3'
import { afterAll, beforeAll, describe } from 'vitest'
import { CreateBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import { testStoreFaults } from '../../../test/store-faults.ts'
import { rawClient } from './servers.ts'

let moto: TestServer
let server: FaultProxy

beforeAll(async () => {
  moto = await startMoto()
  // S3 looks whether a content arrived as it was signed; moto does not.
  server = await startFaultProxy(moto.url, {
    answer({ headers, body }) {
      const signed = String(headers['x-amz-content-sha256'] ?? '')
      const isRight = !/^[0-9a-f]{64}$/.test(signed) || sha256(body) === signed
      const code = 'XAmzContentSHA256Mismatch'
      const text = `<Error><Code>${code}</Code><Message>damaged</Message></Error>`
      const type = { 'content-type': 'application/xml' }
      return isRight ? undefined : { kind: 'answer', status: 400, headers: type, body: text }
    },
    observe: () => undefined,
  })
}, 120_000)
afterAll(async () => {
  await server?.stop()
  await moto?.stop()
})

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('S3 store behind a failing server', () => {
  testStoreFaults({
    serverUrl: () => server.url,
    openStore: (endpoint, bucket, stallTimeoutMs) =>
      createS3Store({
        bucket,
        folder: 'base',
        endpoint,
        region: 'us-east-1',
        credentials: s3Keys,
        // No requests of the probe among those that a case counts.
        conditionalWrites: true,
        ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
      }),
    createBucket: async (name) => {
      const client = rawClient(moto.url)
      await client.send(new CreateBucketCommand({ Bucket: name }))
      client.destroy()
    },
    isRead: ({ url }) => url.includes('x-id=GetObject'),
    isCommit: ({ url, method }) =>
      url.includes('x-id=PutObject') || (method === 'POST' && url.includes('uploadId=')),
    isSend: ({ url }) => url.includes('x-id=PutObject') || url.includes('x-id=UploadPart'),
    isList: ({ url }) => url.includes('list-type=2'),
    keepsDigests: false,
    countPending: async (bucket) => {
      const client = rawClient(moto.url)
      const { Uploads = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket }),
      )
      client.destroy()
      return Uploads.length
    },
  })
})
