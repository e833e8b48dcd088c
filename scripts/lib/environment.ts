import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDotenv } from '../../packages/api/src/dotenv.ts'
import { root } from './prefect-server.ts'

/** One Prefect environment of the project: its own server, database, profiles, port and data. */
export interface Environment {
  name: string
  /** Why it is this one, for people. */
  chosenBy: string
  /** PREFECT_HOME: the database, the server's log and profiles.toml. */
  home: string
  dataDirectory: string
  /** Where its objects are in the local S3 server of `just etl --remote`, which has one bucket for all environments. */
  objectDirectory: string
  port: number
  apiUrl: string
  stateFile: string
  /** The server's database when it is not the SQLite file in its home. May hold a password. */
  databaseUrl: string | undefined
}

const defaultPorts: Record<string, number> = { dev: 4240, main: 4241 }
/** What `.data` has beside the environments: the source of the example, and the buckets of `just etl --remote s3`. */
const ownFolders = ['cache', 's3']
const choiceFile = join(root, '.prefect', 'environment')

/** What the local S3 server of `just etl --remote` serves. */
export const s3Directory: string = join(root, '.data', 's3')

/** The environment of that name; else of `PREFECT_TS_ENV`, of `just use`, or of the git branch. */
export function resolveEnvironment(name?: string): Environment {
  const [chosen, chosenBy] = choose(name)
  const port = Number(readSetting('PREFECT_TS_PORT') || defaultPorts[chosen] || 4242)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PREFECT_TS_PORT "${readSetting('PREFECT_TS_PORT')}" is not a port number.`)
  }
  const home = join(root, '.prefect', chosen)
  return {
    name: chosen,
    chosenBy,
    home,
    dataDirectory: join(root, '.data', chosen),
    objectDirectory: join(s3Directory, 'etl-data', 'willowdata', chosen),
    port,
    apiUrl: `http://127.0.0.1:${port}/api`,
    stateFile: join(home, 'server.json'),
    databaseUrl: readSetting('PREFECT_TS_DATABASE_URL')?.replaceAll('{environment}', chosen),
  }
}

/** Where the database is, without its password; undefined for the SQLite file in the environment's home. */
export function describeDatabaseUrl({ databaseUrl }: Environment): string | undefined {
  if (databaseUrl === undefined) return undefined
  const url = URL.parse(databaseUrl)
  if (url === null) return 'PREFECT_TS_DATABASE_URL is not a URL'
  const login = url.username ? `${url.username}${url.password ? ':********' : ''}@` : ''
  // Without the query, which may hold a password too.
  return `${url.protocol}//${login}${url.host}${url.pathname}`
}

function choose(name: string | undefined): [name: string, chosenBy: string] {
  if (name !== undefined) return [checkName(name), 'named on the command line']
  const variable = readSetting('PREFECT_TS_ENV')
  if (variable) return [checkName(variable), 'PREFECT_TS_ENV']
  const used = readText(choiceFile)?.trim()
  if (used) return [checkName(used), '`just use`']
  const branch = gitBranch()
  return [branch === 'main' ? 'main' : 'dev', `git branch ${branch ?? '(none)'}`]
}

function checkName(name: string): string {
  if (ownFolders.includes(name)) {
    throw new Error(`"${name}" is no name for an environment: .data/${name} has another use.`)
  }
  if (/^[a-z0-9-]+$/.test(name)) return name
  throw new Error(`"${name}" is not an environment: use lower-case letters, digits and "-".`)
}

function gitBranch(): string | undefined {
  const git = spawnSync('git', ['branch', '--show-current'], { cwd: root, encoding: 'utf8' })
  return git.status === 0 ? git.stdout.trim() || undefined : undefined
}

/** What of the shell and of `.env` concerns a flow and its jobs: where data is, and their logs. The rest of PREFECT_* is the environment's to say. */
const flowVariables = /^PREFECT_(DATA_BLOCK_|DATASTORE_|LOGGING_|TS_(BLOCK_|CACHE$|S3_))/

/** The variables with which Prefect, its flows and our jobs find the environment's server and data, and those that were set for them. */
export function environmentVariables({
  home,
  apiUrl,
  dataDirectory,
  name,
}: Environment): Record<string, string> {
  const dotenv = readDotenv()
  const given = [...new Set([...Object.keys(process.env), ...dotenv.keys()])]
    .filter((variable) => flowVariables.test(variable))
    .map((variable) => [variable, process.env[variable] || dotenv.get(variable) || ''])
  return {
    ...Object.fromEntries(given),
    PREFECT_HOME: home,
    PREFECT_API_URL: apiUrl,
    PREFECT_TS_ENV: name,
    PREFECT_TS_DATA_DIRECTORY: dataDirectory,
  }
}

/** Remembers the environment that the tasks use; undefined leaves it to the git branch again. */
export function useEnvironment(name: string | undefined): Environment {
  if (name === undefined) rmSync(choiceFile, { force: true })
  else {
    mkdirSync(dirname(choiceFile), { recursive: true })
    writeFileSync(choiceFile, `${checkName(name)}\n`)
  }
  const environment = resolveEnvironment()
  writeProfiles(environment)
  return environment
}

/** Writes the environment's profiles.toml, by which Prefect and our packages find its server under its PREFECT_HOME. */
export function writeProfiles({ name, home, apiUrl }: Environment): void {
  mkdirSync(home, { recursive: true })
  const profile = `active = "${name}"\n\n[profiles.${name}]\nPREFECT_API_URL = "${apiUrl}"\n`
  writeFileSync(join(home, 'profiles.toml'), profile)
}

/** A variable of the process, else of `.env` in the project's folder. Empty counts as not set. */
export function readSetting(name: string): string | undefined {
  return process.env[name] || readDotenv().get(name) || undefined
}

function readDotenv(): ReadonlyMap<string, string> {
  return parseDotenv(readText(join(root, '.env')) ?? '', process.env).variables
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
