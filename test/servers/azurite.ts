import { createRequire } from 'node:module'
import { join } from 'node:path'
import { freePort, root } from '../../scripts/lib/prefect-server.ts'
import { startProcess } from './process.ts'
import type { TestServer } from './process.ts'

/** Azurite's one account, which its documentation publishes. */
const account = 'devstoreaccount1'
const accountKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

export interface AzuriteServer extends TestServer {
  /** Connection string of its account. */
  connectionString: string
}

/** Azurite's blob service in memory. `url` is that of the account. */
export async function startAzurite(): Promise<AzuriteServer> {
  const require = createRequire(join(root, 'packages/store-azure/package.json'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/${account}`
  const server = await startProcess(
    process.execPath,
    [
      require.resolve('azurite/dist/src/blob/main.js'),
      '--blobHost=127.0.0.1',
      `--blobPort=${port}`,
      '--inMemoryPersistence',
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    url,
  )
  return { ...server, connectionString: azureConnectionString(url) }
}

/** Connection string of Azurite's account behind this URL of it. */
export function azureConnectionString(url: string): string {
  const protocol = new URL(url).protocol.slice(0, -1)
  return `DefaultEndpointsProtocol=${protocol};AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${url};`
}
