import { join } from 'node:path'
import { testSdkOnFirstUse } from '../../../test/sdk-on-first-use.ts'

testSdkOnFirstUse({
  folder: join(import.meta.dirname, '..'),
  script: `
    const { createS3Store } = await import('@prefect-ts/store-s3')
    const store = createS3Store({ bucket: 'b', endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } })`,
  heavy: /aws-sdk|smithy/,
})
