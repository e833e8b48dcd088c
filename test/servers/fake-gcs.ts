import { goTool } from '../../scripts/lib/go-tool.ts'
import { freePort } from '../../scripts/lib/prefect-server.ts'
import { startProcess } from './process.ts'
import type { TestServer } from './process.ts'

/** A Google Cloud Storage server in memory, built from source when this machine has none (some 2 minutes, once). */
export async function startFakeGcs(): Promise<TestServer> {
  const program = await goTool({
    name: 'fake-gcs-server',
    module: 'github.com/fsouza/fake-gcs-server',
    version: 'v1.56.1',
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)]
  return await startProcess(program, [...args, '-backend', 'memory', '-external-url', url], url)
}

/** Makes a bucket and returns its name. */
export async function createGcsBucket(url: string, name: string): Promise<string> {
  const response = await fetch(`${url}/storage/v1/b?project=test`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!response.ok)
    throw new Error(`No bucket ${name}: ${response.status} ${await response.text()}`)
  return name
}
