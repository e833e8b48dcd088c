import { randomUUID } from 'node:crypto'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { testStore } from '@prefect-ts/store/testing'
import { describe, inject, it } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { clientOf } from './client.ts'

describe('GCS store', () => {
  testStore({
    test: it,
    async createStore() {
      const url = inject('gcsUrl')
      const bucket = await createGcsBucket(url, `b-${randomUUID()}`)
      return createGcsStore({ bucket, folder: 'willowdata/dev', storage: clientOf(url) })
    },
  })
})
