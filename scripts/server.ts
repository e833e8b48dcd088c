// just launch | kill | status: the project's own Prefect server of one environment.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { resolveEnvironment, type Environment } from './lib/environment.ts'
import { isHealthy, startServer, stopProcess, type RunningServer } from './lib/prefect-server.ts'

/** Uses the environment's running server, or starts one. `started` is undefined when it was there already. */
export async function ensureServer(
  environment: Environment,
  options: { detached: boolean },
): Promise<{ apiUrl: string; started: RunningServer | undefined }> {
  if (launchedPid(environment) !== undefined && (await isHealthy(environment.apiUrl))) {
    return { apiUrl: environment.apiUrl, started: undefined }
  }
  if (await isPortTaken(environment.port)) {
    throw new Error(
      `Port ${environment.port} is in use by another program. Set PREFECT_TS_PORT to a free port.`,
    )
  }
  const started = await startServer({ ...environment, ...options })
  return { apiUrl: started.apiUrl, started }
}

/** The process id of the server that `just launch` left running, if it still runs. */
function launchedPid(environment: Environment): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(environment.stateFile, 'utf8')) as { pid: number }
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function launch(environment: Environment): Promise<string> {
  const { apiUrl, started } = await ensureServer(environment, { detached: true })
  if (started === undefined) return `${environment.name}: already running at ${apiUrl}`
  writeFileSync(environment.stateFile, JSON.stringify({ pid: started.process.pid, apiUrl }))
  started.process.unref()
  return `${environment.name}: running at ${apiUrl} (process ${started.process.pid})`
}

async function kill(environment: Environment): Promise<string> {
  const pid = launchedPid(environment)
  await stopProcess(pid)
  rmSync(environment.stateFile, { force: true })
  return `${environment.name}: ${pid === undefined ? 'was not running' : 'stopped'}`
}

async function status(environment: Environment): Promise<string> {
  const pid = launchedPid(environment)
  if (pid === undefined) return `${environment.name}: not running`
  const healthy = await isHealthy(environment.apiUrl)
  return `${environment.name}: process ${pid}, ${environment.apiUrl} ${healthy ? 'answers' : 'does not answer'}`
}

if (import.meta.main) {
  const commands: Record<string, (environment: Environment) => Promise<string>> = {
    launch,
    kill,
    status,
  }
  const [name = '', environmentName] = process.argv.slice(2)
  try {
    const command = commands[name]
    if (command === undefined) throw new Error(`Unknown command "${name}": launch, kill or status.`)
    console.log(await command(resolveEnvironment(environmentName)))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
