// node store-memory.ts s3|gcs|azure upload|download url file key: one transfer as a whole process.
import type { Store } from '@prefect-ts/store'
import { azureConnectionString } from '../../test/servers/azurite.ts'
import { s3Keys } from '../../test/servers/moto.ts'

const [kind = '', verb = '', url = '', file = '', key = ''] = process.argv.slice(2)
const openers: Readonly<Record<string, () => Promise<Store>>> = {
  async s3() {
    const { createS3Store } = await import('@prefect-ts/store-s3')
    return createS3Store({ bucket: 'bench', endpoint: url, credentials: s3Keys })
  },
  async gcs() {
    const { createGcsStore } = await import('@prefect-ts/store-gcs')
    const authClient = { getRequestHeaders: () => Promise.resolve(new Headers()) }
    const storage = { apiEndpoint: url, customEndpoint: true, authClient }
    return createGcsStore({ bucket: 'bench', storage })
  },
  async azure() {
    const { createAzureStore } = await import('@prefect-ts/store-azure')
    const connectionString = azureConnectionString(url)
    return createAzureStore({ connectionString, container: 'bench' })
  },
}
const store = await openers[kind]?.()
if (store === undefined) throw new Error(`no store ${kind}`)
if (verb === 'upload') await store.upload(file, key)
else await store.download(key, file)
console.log('done')
