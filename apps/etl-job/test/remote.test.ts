import type { Store } from '@prefect-ts/store'
import { createAzureStore } from '@prefect-ts/store-azure'
import { createGcsStore } from '@prefect-ts/store-gcs'
import { createS3Store } from '@prefect-ts/store-s3'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startAzurite } from '../../../test/servers/azurite.ts'
import { startFakeGcs } from '../../../test/servers/fake-gcs.ts'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import type { Result } from '../src/job.ts'
import { startFlows } from './flows.ts'
import { day, inputPaths } from './inputs.ts'

const report = `reports/parquet/dataset=carrier_delays/rundate=${day}/data.parquet`
const folder = 'willowdata/dev'
const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

/** A server, what the flow needs to register its block, and a store to look at what is there afterwards. */
interface Remote {
  env: Record<string, string>
  openStore(): Store
}

const remotes: [slug: string, scheme: string, start: () => Promise<Remote>][] = [
  [
    's3-bucket',
    's3',
    async () => {
      const server = await startMoto()
      stops.push(() => server.stop())
      return {
        env: {
          PREFECT_TS_S3_ENDPOINT: server.url,
          PREFECT_TS_S3_ACCESS_KEY_ID: s3Keys.accessKeyId,
          PREFECT_TS_S3_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
        },
        openStore: () =>
          createS3Store({
            bucket: 'etl-data',
            folder,
            endpoint: server.url,
            credentials: s3Keys,
            region: 'us-east-1',
          }),
      }
    },
  ],
  [
    'gcs-bucket',
    'gs',
    async () => {
      const [server, tokens] = await Promise.all([startFakeGcs(), startTokenServer()])
      stops.push(
        () => server.stop(),
        () => tokens.stop(),
      )
      const storage = {
        apiEndpoint: server.url,
        customEndpoint: true,
        authClient: { getRequestHeaders: () => Promise.resolve(new Headers()) },
      }
      return {
        env: {
          STORAGE_EMULATOR_HOST: server.url,
          PREFECT_TS_GCS_KEY: JSON.stringify(tokens.key),
        },
        openStore: () => createGcsStore({ bucket: 'etl-data', folder, storage }),
      }
    },
  ],
  [
    'azure-blob-storage-container',
    'az',
    async () => {
      const server = await startAzurite()
      const { connectionString } = server
      stops.push(() => server.stop())
      return {
        env: { PREFECT_TS_AZURE_CONNECTION_STRING: connectionString },
        openStore: () => createAzureStore({ connectionString, container: 'etl-data', folder }),
      }
    },
  ],
]

it.each(remotes)(
  'the same flow and job on a block of %s: Python reads back what Node wrote',
  { timeout: 240_000 },
  async (slug, scheme, start) => {
    const temporary = mkdtempSync(join(tmpdir(), 'etl-job-test-'))
    stops.push(async () => rmSync(temporary, { recursive: true, force: true }))
    const remote = await start()
    const flows = await startFlows(temporary, {
      PREFECT_DATASTORE_DEFAULT_TYPE: 'remote',
      // The Prefect server is shared: a block of our own.
      PREFECT_DATA_BLOCK_REMOTE: `${slug}/${basename(temporary).toLowerCase()}`,
      PREFECT_TS_DATA_DIRECTORY: join(temporary, 'data'),
      ...remote.env,
    })
    stops.push(() => flows.stop())

    const run = await flows.run({ rundates: [day] })
    expect({ state: run.state, message: run.message }).toEqual({
      state: 'COMPLETED',
      message: null,
    })
    const result = (run.result as Record<string, Result>)[day]
    expect(result).toMatchObject({
      rows: 14,
      flights: 842,
      paths: [report],
      uri: `${scheme}://etl-data/${folder}/${report}`,
    })
    const store = remote.openStore()
    const keys: string[] = []
    for await (const { key } of store.list()) keys.push(key)
    expect(keys).toEqual([...inputPaths, report])
    const object = await store.get(report)
    const bytes = Buffer.from(await new Response(object?.body).arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(result?.sha256)
    // Nothing of it passed through a disk that stays.
    expect(run.temporary).toEqual([])
    expect(readdirSync(temporary)).not.toContain('data')
  },
)
