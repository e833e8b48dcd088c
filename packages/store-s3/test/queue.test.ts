import { createS3Store } from '@prefect-ts/store-s3'
import { s3Keys } from '../../../test/servers/moto.ts'
import { testStoreQueue } from '../../../test/store-queue.ts'

testStoreQueue({
  openStore: (endpoint, stallTimeoutMs) =>
    createS3Store({ bucket: 'b', endpoint, credentials: s3Keys, stallTimeoutMs }),
  answer(response) {
    const updated = new Date(0).toUTCString()
    response.writeHead(200, { etag: '"1"', 'content-length': 1, 'last-modified': updated }).end()
  },
})
