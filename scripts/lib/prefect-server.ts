import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const root: string = join(import.meta.dirname, '../..')
export const venv: string = join(root, '.venv')

export interface StartServerOptions {
  /** PREFECT_HOME of the server: its database and log. */
  home: string
  port: number
  /** Python environment whose `prefect` runs. @default the project's `.venv` */
  venv?: string
  /** Survives the calling process, and its Ctrl-C. */
  detached?: boolean
  /** Settings of the server beside ours. */
  env?: Record<string, string>
  /** Ends a start that is under way. */
  signal?: AbortSignal
}

export interface RunningServer {
  apiUrl: string
  process: ChildProcess
  stop(): Promise<void>
}

/**
 * The environment without any Prefect setting of the shell, for one server or client of our own. Python keeps what it
 * compiles in `.venv`, whatever the shell says: to compile Prefect anew is a good part of each start.
 */
export function cleanEnvironment(extra: Record<string, string>): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      !entry[0].toUpperCase().startsWith('PREFECT_') &&
      entry[0] !== 'PYTHONDONTWRITEBYTECODE',
  )
  return {
    ...Object.fromEntries(inherited),
    DO_NOT_TRACK: '1',
    PYTHONPYCACHEPREFIX: join(venv, 'pycache'),
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    ...extra,
  }
}

/**
 * A port that was free a moment ago. Not one of those that the system gives to connections (from 32,768 on): a server
 * takes seconds until it listens, and any connection of that time could have got its port.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error('no port between 20000 and 32767 is free')
}

export async function isHealthy(apiUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/health`, { signal: AbortSignal.timeout(2_000) })
    return response.ok && (await response.json()) === true
  } catch {
    return false
  }
}

/**
 * Starts `prefect server start` and waits until it answers. Throws with the end of its log when it does not. A new home
 * begins with the empty database of PREFECT_TS_TEST_DATABASE, if set: to make its tables takes longer than all else.
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const apiUrl = `http://127.0.0.1:${options.port}/api`
  mkdirSync(options.home, { recursive: true })
  const database = join(options.home, 'prefect.db')
  const template = process.env['PREFECT_TS_TEST_DATABASE']
  const isPlain =
    options.venv === undefined && !options.env?.['PREFECT_SERVER_DATABASE_CONNECTION_URL']
  if (template !== undefined && isPlain && !existsSync(database)) copyFileSync(template, database)
  const logFile = join(options.home, 'server.log')
  const log = openSync(logFile, 'a')
  // PREFECT_SERVER_API_PORT, not --port: with the flag its web pages call port 4200.
  const child = spawn(join(options.venv ?? venv, 'bin/prefect'), ['server', 'start'], {
    cwd: options.home,
    detached: options.detached ?? false,
    stdio: ['ignore', log, log],
    env: cleanEnvironment({
      PREFECT_HOME: options.home,
      PREFECT_SERVER_API_HOST: '127.0.0.1',
      PREFECT_SERVER_API_PORT: String(options.port),
      PREFECT_API_URL: apiUrl,
      ...options.env,
    }),
  })
  closeSync(log)
  child.once('error', () => {})
  const exited = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  const deadline = Date.now() + 240_000
  while (!(await isHealthy(apiUrl)) || exited()) {
    if (exited() || Date.now() > deadline || options.signal?.aborted) {
      await stopProcess(child.pid)
      const tail = readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n')
      throw new Error(
        `The Prefect server on port ${options.port} did not start. End of ${logFile}:\n${tail}`,
      )
    }
    await sleep(200)
  }
  return { apiUrl, process: child, stop: () => stopProcess(child.pid) }
}

/** SIGTERM, then SIGKILL after 10 s. Resolves when the process is gone. */
export async function stopProcess(pid: number | undefined): Promise<void> {
  if (pid === undefined || !signal(pid, 'SIGTERM')) return
  for (let waited = 0; waited < 10_000; waited += 50) {
    await sleep(50)
    if (!signal(pid, 0)) return
  }
  signal(pid, 'SIGKILL')
}

/** Runs a Python of the project's `.venv` and returns its stdout; throws with stderr when it fails. */
export function runPython(args: string[], env: Record<string, string>): string {
  const result = spawnSync(join(venv, 'bin/python'), args, {
    cwd: root,
    env: cleanEnvironment(env),
    encoding: 'utf8',
  })
  if (result.status !== 0) throw new Error(`python ${args[0]} failed:\n${result.stderr}`)
  return result.stdout
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    // A killed child that nobody has waited for is gone for our purposes.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux'
  }
}
