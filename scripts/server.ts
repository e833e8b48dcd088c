// just launch | kill | status | logs | reset: the project's own Prefect servers, one an environment.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline/promises'
import {
  describeDatabaseUrl,
  resolveEnvironment,
  writeProfiles,
  type Environment,
} from './lib/environment.ts'
import {
  isHealthy,
  root,
  startServer,
  stopProcess,
  type RunningServer,
} from './lib/prefect-server.ts'
import { hasVariable, portOwner } from './lib/processes.ts'
import { onInterrupt, runScript } from './lib/script.ts'
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
  writeProfiles(environment)
  const launched = findLaunched(environment)
  if (launched !== undefined) {
    if (await isHealthy(launched.apiUrl)) return { apiUrl: launched.apiUrl, started: undefined }
    throw new Error(
      `${await describe(environment)}. Stop it with \`just kill ${environment.name}\`.`,
    )
  }
  const owner = portOwner(environment.port)
  if (owner !== undefined) {
    throw new Error(
      `Port ${environment.port} is taken by process ${owner.pid} (${owner.command.slice(0, 100)}). Stop it, or set PREFECT_TS_PORT to a free port.`,
    )
  }
  const started = await startServer({
    ...environment,
    env: databaseSettings(environment),
    detached: true,
    signal,
  })
  return { apiUrl: started.apiUrl, started }
}

/** The server's settings for a database of PREFECT_TS_DATABASE_URL. */
function databaseSettings(environment: Environment): Record<string, string> {
  const { databaseUrl } = environment
  if (databaseUrl === undefined) return {}
  if (
    !/^(postgresql\+asyncpg|sqlite\+aiosqlite):/.test(databaseUrl) ||
    !URL.canParse(databaseUrl)
  ) {
    throw new Error(
      'PREFECT_TS_DATABASE_URL is not a URL like postgresql+asyncpg://user:password@host:5432/prefect_{environment}, ' +
        'its user and password percent-encoded.',
    )
  }
  return { PREFECT_SERVER_DATABASE_CONNECTION_URL: databaseUrl }
}

/** The environment's server: as its state file says, else what listens on its port under its PREFECT_HOME. */
function findLaunched({ stateFile, home, port, apiUrl }: Environment): Launched | undefined {
  // The id of a server that is gone may be another program's by now.
  const isOurs = ({ pid }: { pid: number }): boolean => hasVariable(pid, 'PREFECT_HOME', home)
  try {
    const launched = JSON.parse(readFileSync(stateFile, 'utf8')) as Launched
    if (isOurs(launched)) return launched
  } catch {
    // No state file, or one that was cut.
  }
  const owner = portOwner(port)
  return owner !== undefined && isOurs(owner) ? { pid: owner.pid, apiUrl } : undefined
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

/** The state of the named environment, else of every one that was ever used. */
async function status(
  environment: Environment,
  _signal: AbortSignal,
  named: boolean,
): Promise<string> {
  if (named) return await describe(environment)
  const folder = join(root, '.prefect')
  const used = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())
    : []
  const names = [...new Set(['dev', 'main', environment.name, ...used.map(({ name }) => name)])]
  const lines = await Promise.all(
    names.map(async (name) => {
      const mark = name === environment.name ? '*' : ' '
      return `${mark} ${await describe(resolveEnvironment(name))}`
    }),
  )
  return [...lines, `* in use (${environment.chosenBy})`].join('\n')
}

/** The end of the server's log, and what comes. */
async function logs(environment: Environment, signal: AbortSignal): Promise<string> {
  const file = join(environment.home, 'server.log')
  if (!existsSync(file)) return `${environment.name}: no log yet, \`just launch\` starts the server`
  const follow = process.stdout.isTTY ? ['-F'] : []
  const tail = spawn('tail', ['-n', '100', ...follow, file], { stdio: 'inherit' })
  onInterrupt(signal, (name) => tail.kill(name))
  await new Promise((resolve, reject) => {
    tail.once('error', reject)
    tail.once('exit', resolve)
  })
  return ''
}

async function reset(environment: Environment, signal: AbortSignal): Promise<string> {
  const { home, dataDirectory, objectDirectory } = environment
  const folders = [home, dataDirectory, objectDirectory].filter((path) => existsSync(path))
  if (folders.length === 0) return `${environment.name}: there is nothing to delete`
  const shown = folders.map((path) => relative(root, path)).join(', ')
  if (!process.argv.includes('--yes')) {
    if (!process.stdin.isTTY) {
      throw new Error(`just reset deletes ${shown}: say --yes where nobody can be asked.`)
    }
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await terminal
      .question(
        `Stop the server and delete ${shown}${environment.databaseUrl ? '' : ', with every run and block'}? [y/N] `,
        { signal },
      )
      .finally(() => terminal.close())
    if (!/^y(es)?$/i.test(answer.trim())) return 'Nothing was deleted.'
  }
  await kill(environment)
  for (const path of folders) rmSync(path, { recursive: true, force: true })
  const database = describeDatabaseUrl(environment)
  const kept = database === undefined ? '' : `. Its runs and blocks stay in ${database}`
  return `${environment.name}: deleted ${shown}${kept}`
}

if (import.meta.main) {
  const commands: Record<
    string,
    (environment: Environment, signal: AbortSignal, named: boolean) => Promise<string>
  > = { launch, kill, status, logs, reset }
  await runScript(async (signal) => {
    const [name = '', ...rest] = process.argv.slice(2)
    const command = commands[name]
    if (command === undefined) {
      throw new Error(`Unknown command "${name}": ${Object.keys(commands).join(', ')}.`)
    }
    const environmentName = rest.find((word) => word !== '' && !word.startsWith('--'))
    const environment = resolveEnvironment(environmentName)
    const answer = await command(environment, signal, environmentName !== undefined)
    if (answer !== '') console.log(answer)
    return 0
  })
}
