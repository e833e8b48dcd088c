import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { beforeAll, describe, inject } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { testStoreCrash } from '../../../test/store-crash.ts'
import { clientOf } from './client.ts'

const url = inject('gcsUrl')
const bucket = `k-${randomUUID()}`

beforeAll(() => createGcsBucket(url, bucket))

describe('GCS store', () => {
  testStoreCrash({
    writer: () => [join(import.meta.dirname, 'crash-writer.ts'), url, bucket],
    openStore: () => createGcsStore({ bucket, storage: clientOf(url) }),
  })
})
