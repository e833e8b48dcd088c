import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from './prefect-server.ts'

/** Calls `work` with a Prefect server of its own, empty and on a free port; both are gone afterwards. */
export async function withTemporaryServer<Result>(
  work: (apiUrl: string) => Promise<Result> | Result,
): Promise<Result> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-server-'))
  // Detached, so that Ctrl-C does not end it before the work has.
  const server = await startServer({ home, port: await freePort(), detached: true })
  const interrupt = (): void => void server.stop().finally(() => process.exit(130))
  process.once('SIGINT', interrupt)
  try {
    return await work(server.apiUrl)
  } finally {
    process.off('SIGINT', interrupt)
    await server.stop()
    rmSync(home, { recursive: true, force: true })
  }
}
