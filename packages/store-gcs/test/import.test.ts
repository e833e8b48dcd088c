import { join } from 'node:path'
import { testSdkOnFirstUse } from '../../../test/sdk-on-first-use.ts'

testSdkOnFirstUse({
  folder: join(import.meta.dirname, '..'),
  script: `
    const { createGcsStore } = await import('@prefect-ts/store-gcs')
    const store = createGcsStore({ bucket: 'bbb' })`,
  heavy: /^(google-|@google-cloud|gaxios)/,
  // No look for a metadata server, and no credentials of whoever runs the tests.
  env: { PATH: process.env['PATH'], HOME: '/nonexistent', METADATA_SERVER_DETECTION: 'none' },
})
