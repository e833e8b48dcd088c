import { createAzureStore } from '@prefect-ts/store-azure'
import { testStore } from '@prefect-ts/store/testing'
import { describe, inject, it } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { createContainer } from './container.ts'

describe('Azure store', () => {
  testStore({
    test: it,
    async createStore() {
      const connectionString = azureConnectionString(inject('azureUrl'))
      const container = await createContainer(connectionString)
      return createAzureStore({ connectionString, container, folder: 'willowdata/dev' })
    },
  })
})
