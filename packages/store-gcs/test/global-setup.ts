import type { TestProject } from 'vitest/node'
import { startFakeGcs } from '../../../test/servers/fake-gcs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The one GCS server of this package's tests. */
    gcsUrl: string
  }
}

/** Starts the server, and builds it when this machine has none. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startFakeGcs()
  project.provide('gcsUrl', server.url)
  return () => server.stop()
}
