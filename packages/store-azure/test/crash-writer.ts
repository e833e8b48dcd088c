import { createAzureStore } from '@prefect-ts/store-azure'
import { writeUntilKilled } from '../../../test/store-crash-writer.ts'

const [, , connectionString = '', container = ''] = process.argv
await writeUntilKilled(createAzureStore({ connectionString, container }))
