// just launch | kill | status: the project's own Prefect server of one environment.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { resolveEnvironment, type Environment } from './lib/environment.ts'
import { isHealthy, startServer, stopProcess, type RunningServer } from './lib/prefect-server.ts'
import { runScript } from './lib/script.ts'
import { step } from './lib/step.ts'

/** The server that `just launch` left running, as its state file says. */
interface Launched {
  pid: number
  apiUrl: string
}

/** Uses the environment's running server, or starts one. `started` is undefined when it was there already. */
export async function ensureServer(
  environment: Environment,
  signal: AbortSignal,
): Promise<{ apiUrl: string; started: RunningServer | undefined }> {
  const launched = findLaunched(environment)
  if (launched !== undefined) {
    if (await isHealthy(launched.apiUrl)) return { apiUrl: launched.apiUrl, started: undefined }
    throw new Error(
      `${await describe(environment)}. Stop it with \`just kill ${environment.name}\`.`,
    )
  }
  if (await isPortTaken(environment.port)) {
    throw new Error(
      `Port ${environment.port} is taken, by another \`just etl\` or another program. Stop that, or set PREFECT_TS_PORT to a free port.`,
    )
  }
  const started = await startServer({ ...environment, detached: true, signal })
  return { apiUrl: started.apiUrl, started }
}

function findLaunched(environment: Environment): Launched | undefined {
  try {
    const launched = JSON.parse(readFileSync(environment.stateFile, 'utf8')) as Launched
    // The id of a server that is gone may be another program's by now.
    return readCommand(launched.pid).includes('prefect') ? launched : undefined
  } catch {
    return undefined
  }
}

function readCommand(pid: number): string {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout
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

async function launch(environment: Environment, signal: AbortSignal): Promise<string> {
  const { apiUrl, started } = await step('Prefect server', () => ensureServer(environment, signal))
  if (started === undefined) return `${environment.name}: already running at ${apiUrl}`
  writeFileSync(environment.stateFile, JSON.stringify({ pid: started.process.pid, apiUrl }))
  started.process.unref()
  return `${environment.name}: running at ${apiUrl} (process ${started.process.pid})`
}

async function kill(environment: Environment): Promise<string> {
  const launched = findLaunched(environment)
  await stopProcess(launched?.pid)
  rmSync(environment.stateFile, { force: true })
  return `${environment.name}: ${launched === undefined ? 'was not running' : 'stopped'}`
}

async function describe(environment: Environment): Promise<string> {
  const launched = findLaunched(environment)
  if (launched === undefined) return `${environment.name}: not running`
  const { pid, apiUrl } = launched
  const answers = (await isHealthy(apiUrl)) ? 'running' : 'does not answer'
  return `${environment.name}: ${answers} at ${apiUrl} (process ${pid})`
}

if (import.meta.main) {
  const commands: Record<
    string,
    (environment: Environment, signal: AbortSignal) => Promise<string>
  > = { launch, kill, status: describe }
  await runScript(async (signal) => {
    const [name = '', environmentName] = process.argv.slice(2)
    const command = commands[name]
    if (command === undefined) throw new Error(`Unknown command "${name}": launch, kill or status.`)
    console.log(await command(resolveEnvironment(environmentName || undefined), signal))
    return 0
  })
}
