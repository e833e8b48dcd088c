import { createGcsStore } from '@prefect-ts/store-gcs'
import { testStoreQueue } from '../../../test/store-queue.ts'
import { clientOf } from './client.ts'

testStoreQueue({
  openStore: (url, stallTimeoutMs) =>
    createGcsStore({ bucket: 'bucket', storage: clientOf(url), stallTimeoutMs }),
  answer(response) {
    const object = { name: 'k', generation: '1', size: '1', updated: new Date(0).toISOString() }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(object))
  },
})
