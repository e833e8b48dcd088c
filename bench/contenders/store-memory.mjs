// node store-memory.mjs s3|gcs|azure upload|download address file key: one transfer as a whole process.

const [kind = '', verb = '', address = '', file = '', key = ''] = process.argv.slice(2)
const openers = {
  async s3() {
    const { createS3Store } = await import('@prefect-ts/store-s3')
    return createS3Store({ bucket: 'bench', endpoint: address })
  },
  async gcs() {
    const { createGcsStore } = await import('@prefect-ts/store-gcs')
    const authClient = { getRequestHeaders: () => Promise.resolve(new Headers()) }
    const storage = { apiEndpoint: address, customEndpoint: true, authClient }
    return createGcsStore({ bucket: 'bench', storage })
  },
  async azure() {
    const { createAzureStore } = await import('@prefect-ts/store-azure')
    return createAzureStore({ connectionString: address, container: 'bench' })
  },
}
const store = await openers[kind]?.()
if (store === undefined) throw new Error(`no store ${kind}`)
if (verb === 'upload') await store.upload(file, key)
else await store.download(key, file)
console.log('done')
