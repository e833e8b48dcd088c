import { createAzureStore } from '@prefect-ts/store-azure'
import { describe, inject } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { testStoreFaults } from '../../../test/store-faults.ts'
import { createContainer } from './container.ts'

const serverUrl = inject('azureUrl')

describe('Azure store behind a failing server', () => {
  testStoreFaults({
    serverUrl: () => serverUrl,
    openStore: (url, container, stallTimeoutMs) =>
      createAzureStore({
        connectionString: azureConnectionString(url),
        container,
        folder: 'base',
        stallTimeoutMs,
      }),
    createBucket: (name) => createContainer(azureConnectionString(serverUrl), name),
    isRead: ({ method, url }) => method === 'GET' && !url.includes('comp='),
    isCommit: ({ method, url }) =>
      method === 'PUT' && (!url.includes('comp=') || url.includes('comp=blocklist')),
    isSend: ({ method, url }) => method === 'PUT' && !url.includes('comp=blocklist'),
    isList: ({ url }) => url.includes('comp=list'),
  })
})
