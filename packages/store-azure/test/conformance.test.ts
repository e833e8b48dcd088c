import { createAzureStore } from '@prefect-ts/store-azure'
import type { Store } from '@prefect-ts/store'
import { testStore } from '@prefect-ts/store/testing'
import { describe, inject, it } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { testStoreKeys } from '../../../test/store-keys.ts'
import { createContainer } from './container.ts'

async function createStore(): Promise<Store> {
  const connectionString = azureConnectionString(inject('azureUrl'))
  const container = await createContainer(connectionString)
  return createAzureStore({ connectionString, container, folder: 'willowdata/dev' })
}

describe('Azure store', () => {
  testStore({ test: it, createStore })
  testStoreKeys(createStore)
})
