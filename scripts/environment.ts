// just use | env | blocks | ls | cli | ui: what is in force, and what the environment's server has.
import { spawn } from 'node:child_process'
import { join, relative } from 'node:path'
import { isApiError, resolveSettings, type Settings } from '../packages/api/src/index.ts'
import {
  describeDatabaseUrl,
  resolveEnvironment,
  useEnvironment,
  type Environment,
} from './lib/environment.ts'
import { isHealthy, root, venv } from './lib/prefect-server.ts'
import { runIn } from './lib/run-in.ts'
import { runningEnvironment } from './lib/running-environment.ts'
import { runScript } from './lib/script.ts'

/** `just use [name]`: remembers the environment; without a name the git branch decides again. */
async function use(words: string[]): Promise<number> {
  const environment = useEnvironment(words[0] || undefined)
  console.log(`${environment.name} (${environment.chosenBy}), ${environment.apiUrl}`)
  console.log('For Prefect, Python and Node in this shell too:')
  console.log(`  export PREFECT_HOME=${environment.home}`)
  return 0
}

/** `just env`: every value in force and the place it came from, secrets masked. */
async function showEnvironment(): Promise<number> {
  const environment = resolveEnvironment()
  const rows: [name: string, value: string, place: string][] = [
    ['environment', environment.name, environment.chosenBy],
    ['home', relative(root, environment.home), 'the environment'],
    ['data', relative(root, environment.dataDirectory), 'the environment'],
    [
      'database',
      describeDatabase(environment),
      environment.databaseUrl ? 'PREFECT_TS_DATABASE_URL' : 'the default',
    ],
    [
      'server',
      (await isHealthy(environment.apiUrl)) ? 'running' : 'not running',
      environment.apiUrl,
    ],
  ]
  try {
    const env = { ...process.env, PREFECT_HOME: environment.home }
    const settings = resolveSettings({ env, cwd: root })
    for (const [name, source] of Object.entries(settings.sources)) {
      if (source.kind === 'default' || name === 'urlUserinfo') continue
      const value = settings[name as keyof Settings]
      rows.push([
        name,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
        source.place,
      ])
    }
    if (settings.apiUrl !== environment.apiUrl) {
      console.error(
        `PREFECT_API_URL names another server than ${environment.name}: what you start by hand goes there.`,
      )
    }
  } catch (error) {
    if (!isApiError(error)) throw error
    console.error(`${error.message}. \`just launch\` writes the environment's profile.`)
  }
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length))
  const [first, second] = [width(0), width(1)]
  for (const [name, value, place] of rows) {
    console.log(`${name.padEnd(first)}  ${value.padEnd(second)}  ${place}`)
  }
  return 0
}

function describeDatabase(environment: Environment): string {
  return describeDatabaseUrl(environment) ?? relative(root, join(environment.home, 'prefect.db'))
}

/** `just blocks`: registers the example's blocks on the environment's server. Safe to repeat. */
async function registerBlocks(words: string[], signal: AbortSignal): Promise<number> {
  const environment = await runningEnvironment(words[0])
  const program = join(venv, 'bin/python')
  return await runIn(environment, signal, [program, 'apps/etl-job/flow/blocks.py'])
}

/** `just ls`: the blocks of the environment's server. */
async function list(words: string[], signal: AbortSignal): Promise<number> {
  return await runCli(await runningEnvironment(words[0]), ['blocks', 'ls'], signal)
}

/** `just cli …`: the command line, from source, on the environment's server. */
async function commandLine(words: string[], signal: AbortSignal): Promise<number> {
  return await runCli(resolveEnvironment(), words, signal)
}

function runCli(environment: Environment, words: string[], signal: AbortSignal): Promise<number> {
  const cli = join(root, 'packages/cli/src/bin.ts')
  const node = [process.execPath, '-C', '@prefect-ts/source', cli]
  return runIn(environment, signal, [...node, ...words])
}

/** `just ui`: the address of the environment's pages, opened where there is a desktop. */
async function openPages(words: string[]): Promise<number> {
  const { apiUrl } = await runningEnvironment(words[0])
  const page = `${apiUrl.slice(0, -'/api'.length)}/v2/dashboard`
  console.log(page)
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  if (process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) {
    spawn(opener, [page], { stdio: 'ignore', detached: true })
      .once('error', () => {})
      .unref()
  }
  return 0
}

const tasks: Record<string, (words: string[], signal: AbortSignal) => Promise<number>> = {
  use,
  env: showEnvironment,
  blocks: registerBlocks,
  ls: list,
  cli: commandLine,
  ui: openPages,
}

await runScript(async (signal) => {
  const [name = '', ...words] = process.argv.slice(2)
  const task = tasks[name]
  if (task === undefined) {
    throw new Error(`Unknown task "${name}": ${Object.keys(tasks).join(', ')}.`)
  }
  return await task(words, signal)
})
