import { join } from 'node:path'
import { testSdkOnFirstUse } from '../../../test/sdk-on-first-use.ts'

testSdkOnFirstUse({
  folder: join(import.meta.dirname, '..'),
  script: `
    const { createAzureStore } = await import('@prefect-ts/store-azure')
    const store = createAzureStore({ connectionString: 'AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a', container: 'ccc' })`,
  heavy: /^@azure|^msal-/,
})
