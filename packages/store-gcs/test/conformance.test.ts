import { randomUUID } from 'node:crypto'
import { createGcsStore } from '@prefect-ts/store-gcs'
import type { Store } from '@prefect-ts/store'
import { testStore } from '@prefect-ts/store/testing'
import { describe, inject, it } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { testStoreKeys } from '../../../test/store-keys.ts'
import { clientOf } from './client.ts'

async function createStore(): Promise<Store> {
  const url = inject('gcsUrl')
  const bucket = await createGcsBucket(url, `b-${randomUUID()}`)
  return createGcsStore({ bucket, folder: 'willowdata/dev', storage: clientOf(url) })
}

describe('GCS store', () => {
  testStore({ test: it, createStore })
  testStoreKeys({ openStore: createStore })
})
