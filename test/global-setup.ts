import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePort, startServer } from '../scripts/lib/prefect-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** API URL of the one real Prefect server of this test run. */
    prefectApiUrl: string
  }
}

/** One Prefect server for the whole run: the one of `just test`, or else our own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | void> {
  const given = process.env['PREFECT_TS_TEST_API_URL']
  if (given) {
    project.provide('prefectApiUrl', given)
    return
  }
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-test-'))
  const server = await startServer({ home, port: await freePort() })
  project.provide('prefectApiUrl', server.apiUrl)
  return async () => {
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}
