import { createAzureStore } from '@prefect-ts/store-azure'
import type { Store } from '@prefect-ts/store'
import { testStore } from '@prefect-ts/store/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startAzurite } from '../../../test/servers/azurite.ts'
import type { AzuriteServer } from '../../../test/servers/azurite.ts'
import { testStoreKeys } from '../../../test/store-keys.ts'
import { createContainer } from './container.ts'

// One of its own: Azurite takes seconds for a listing when other tests have left their thousands of blobs on it.
let server: AzuriteServer

beforeAll(async () => {
  server = await startAzurite()
})
afterAll(() => server.stop())

async function createStore(): Promise<Store> {
  const { connectionString } = server
  const container = await createContainer(connectionString)
  return createAzureStore({ connectionString, container, folder: 'willowdata/dev' })
}

describe('Azure store', () => {
  testStore({ test: it, createStore })
  testStoreKeys({
    openStore: createStore,
    // Azurite can't list what XML has no character for, and the SDK reads a carriage return as `&#xD;`.
    // eslint-disable-next-line no-control-regex -- these are what XML has not
    isBeyondServer: (key) => /[\u0001-\u0008\u000b-\u001f\ufffe\uffff]/.test(key),
  })
})
