import type { TestProject } from 'vitest/node'
import { startAzurite } from '../../../test/servers/azurite.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the account of the one Azure server of this package's tests. */
    azureUrl: string
  }
}

/** Starts the server. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startAzurite()
  project.provide('azureUrl', server.url)
  return () => server.stop()
}
