import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startServer } from './prefect-server.ts'
import { onInterrupt } from './script.ts'

/** Calls `work` with a Prefect server of its own, empty and on a free port; both are gone afterwards. */
export async function withTemporaryServer<Result>(
  signal: AbortSignal,
  work: (apiUrl: string) => Promise<Result> | Result,
  options: { venv?: string } = {},
): Promise<Result> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-server-'))
  try {
    // Detached, so that Ctrl-C does not end it before the work has.
    const server = await startServer({
      ...options,
      home,
      port: await freePort(),
      detached: true,
      signal,
    })
    try {
      const interrupted = new Promise<never>((_resolve, reject) => onInterrupt(signal, reject))
      return await Promise.race([work(server.apiUrl), interrupted])
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
