import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createAzureStore } from '@prefect-ts/store-azure'
import { beforeAll, describe, inject } from 'vitest'
import { azureConnectionString } from '../../../test/servers/azurite.ts'
import { testStoreCrash } from '../../../test/store-crash.ts'
import { createContainer } from './container.ts'

const connectionString = azureConnectionString(inject('azureUrl'))
const container = randomUUID()

beforeAll(() => createContainer(connectionString, container))

describe('Azure store', () => {
  testStoreCrash({
    writer: () => [join(import.meta.dirname, 'crash-writer.ts'), connectionString, container],
    openStore: () => createAzureStore({ connectionString, container }),
  })
})
