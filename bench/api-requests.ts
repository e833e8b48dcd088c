import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)

/** 20,000 GETs by the client, against a bare undici pool and the global `fetch`, each in a process of its own. */
export async function apiRequests(): Promise<void> {
  const server = spawn(process.execPath, [contender('json-server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer]
    const env = { PREFECT_API_URL: `http://127.0.0.1:${port.toString().trim()}/api` }
    const names = {
      pool: 'undici Pool',
      client: '@prefect-ts/api client.get',
      fetch: 'global fetch',
    }
    const rows = await measure(
      Object.entries(names).map(([argument, name]) => ({
        name,
        command: [process.execPath, contender('requests.ts'), argument],
        env,
        expect: 'done',
      })),
    )
    report('api-requests', '20,000 requests of 1 KiB, 16 at a time', rows, {
      node: process.versions.node,
    })
  } finally {
    server.kill()
  }
}
