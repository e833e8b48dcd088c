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

/**
 * Azurite's blob service in memory. `url` is that of the account. With a certificate (a PEM file with its key) it is an
 * https server, which takes tokens of Microsoft Entra too; this process must trust that certificate.
 */
export async function startAzurite({
  certificate,
}: { certificate?: string } = {}): Promise<AzuriteServer> {
  const require = createRequire(join(root, 'packages/store-azure/package.json'))
  const port = await freePort()
  const url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}/${account}`
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
      ...(certificate === undefined
        ? []
        : ['--oauth=basic', `--cert=${certificate}`, `--key=${certificate}`]),
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
