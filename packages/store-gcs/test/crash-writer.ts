import { createGcsStore } from '@prefect-ts/store-gcs'
import { writeUntilKilled } from '../../../test/store-crash-writer.ts'
import { clientOf } from './client.ts'

const [, , url = '', bucket = ''] = process.argv
await writeUntilKilled(createGcsStore({ bucket, storage: clientOf(url) }))
