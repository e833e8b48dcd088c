import { resolveEnvironment, type Environment } from './environment.ts'
import { isHealthy } from './prefect-server.ts'

/** The environment that is named, or in use. Throws, with what to do, when its server does not run. */
export async function runningEnvironment(name: string | undefined): Promise<Environment> {
  const environment = resolveEnvironment(name || undefined)
  if (await isHealthy(environment.apiUrl)) return environment
  throw new Error(
    `${environment.name} is not running (${environment.chosenBy}): \`just launch ${environment.name}\` starts it.`,
  )
}
