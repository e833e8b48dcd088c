import { randomUUID } from 'node:crypto'
import type { Store } from '@prefect-ts/store'
import { createAzureStore } from '@prefect-ts/store-azure'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { createS3Store } from '@prefect-ts/store-s3'
import { startAzurite } from '../../../test/servers/azurite.ts'
import { createGcsBucket, startFakeGcs } from '../../../test/servers/fake-gcs.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import { createContainer } from '../../store-azure/test/container.ts'

/** A store on a real server, until it is stopped. */
export interface Cloud {
  /** A store in a bucket of its own; the same bucket when it is called with a name it gave. */
  open(bucket?: string): Promise<{ store: Store; bucket: string }>
  /** What object_store, which Polars reads with, takes its address and credentials from. */
  readonly environment: Record<string, string>
  /** Ends the server. */
  stop(): Promise<void>
}

/** Servers that speak the clouds' protocols, started on demand. */
export const clouds: Readonly<Record<string, () => Promise<Cloud>>> = {
  async s3() {
    const server = await startMoto()
    return {
      environment: {
        AWS_ENDPOINT_URL: server.url,
        AWS_ALLOW_HTTP: 'true',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
      },
      stop: () => server.stop(),
      async open(bucket = `b-${randomUUID()}`) {
        await fetch(`${server.url}/${bucket}`, { method: 'PUT' })
        const { url: endpoint } = server
        const credentials = s3Keys
        return {
          bucket,
          store: createS3Store({ bucket, endpoint, credentials, region: 'us-east-1' }),
        }
      },
    }
  },
  async gcs() {
    const server = await startFakeGcs()
    return {
      environment: {},
      stop: () => server.stop(),
      async open(bucket = `b-${randomUUID()}`) {
        await createGcsBucket(server.url, bucket).catch(() => undefined)
        const storage = {
          apiEndpoint: server.url,
          customEndpoint: true,
          authClient: { getRequestHeaders: () => Promise.resolve(new Headers()) },
        }
        return { bucket, store: createGcsStore({ bucket, storage }) }
      },
    }
  },
  async azure() {
    const server = await startAzurite()
    const { connectionString } = server
    const part = (name: string): string =>
      new RegExp(`${name}=([^;]*)`).exec(connectionString)?.[1] ?? ''
    return {
      environment: {
        AZURE_STORAGE_USE_EMULATOR: 'true',
        AZURITE_BLOB_STORAGE_URL: new URL(part('BlobEndpoint')).origin,
        AZURE_STORAGE_ACCOUNT_NAME: part('AccountName'),
        AZURE_STORAGE_ACCOUNT_KEY: part('AccountKey'),
      },
      stop: () => server.stop(),
      async open(bucket?: string) {
        const container = bucket ?? (await createContainer(connectionString))
        return { bucket: container, store: createAzureStore({ connectionString, container }) }
      },
    }
  },
}
