// just etl [--remote [s3|gcs|azure]] [day …]: build, a Prefect server, and the example flow, its data on disk or in a local object store.
import { join, relative } from 'node:path'
import { buildPackages } from './lib/build.ts'
import { readSetting, resolveEnvironment, s3Directory } from './lib/environment.ts'
import { root, venv } from './lib/prefect-server.ts'
import { runIn } from './lib/run-in.ts'
import { runScript } from './lib/script.ts'
import { step } from './lib/step.ts'
import { startAzurite } from '../test/servers/azurite.ts'
import { startFakeGcs } from '../test/servers/fake-gcs.ts'
import { s3Keys } from '../test/servers/moto.ts'
import { startRclone } from '../test/servers/rclone.ts'
import { startTokenServer } from '../test/servers/token-server.ts'
import { ensureServer } from './server.ts'

const defaultDays = ['2013-01-01', '2013-01-02', '2013-01-03']

/** The object stores that `--remote` knows, the first by default. */
const remotes: Readonly<Record<string, Remote>> = {
  s3: { block: 's3-bucket/etl-data', given: 'PREFECT_TS_S3_ENDPOINT', start: startS3 },
  gcs: { block: 'gcs-bucket/etl-data', start: startGcs },
  azure: { block: 'azure-blob-storage-container/etl-data', start: startAzure },
}
const inMemory = 'its objects were in memory and are gone'
const knownRemotes = Object.keys(remotes).join(', ')

await runScript(async (signal) => {
  const { remote, given } = parse(process.argv.slice(2))
  const environment = resolveEnvironment()
  await step('build', () => buildPackages(signal))
  const { apiUrl, started } = await step('Prefect server', () => ensureServer(environment, signal))
  let objectStore: ObjectStore | undefined
  try {
    const named = remote === 'own block' ? undefined : remote
    if (named && !(named.given && readSetting(named.given))) {
      objectStore = await step(`${named.block} server`, () => named.start())
    }
    const days = given.length === 0 ? defaultDays : given
    const flow = [join(venv, 'bin/python'), 'apps/etl-job/flow/main.py', ...days]
    const exitCode = await runIn({ ...environment, apiUrl }, signal, flow, {
      PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL: 'CRITICAL',
      ...(remote && { PREFECT_DATASTORE_DEFAULT_TYPE: 'remote' }),
      ...(named && { PREFECT_DATA_BLOCK_REMOTE: named.block }),
      ...objectStore?.env,
    })
    if (objectStore && exitCode === 0) {
      console.error(`The object store ran for this run only; ${objectStore.left}.`)
    }
    if (started && exitCode === 0) {
      console.error('The server ran for this run only: `just launch` starts it again for the link.')
    }
    return exitCode
  } finally {
    await objectStore?.stop()
    await started?.stop()
  }
})

interface ObjectStore {
  /** What the flow needs to register the block. */
  env: Record<string, string>
  /** What is left of its objects when it has stopped. */
  left: string
  stop(): Promise<void>
}

interface Remote {
  block: string
  /** The variable of a server that is there already; without it one is started. */
  given?: string
  start(): Promise<ObjectStore>
}

/** S3 as rclone serves it, over a folder where the objects can be looked at. */
async function startS3(): Promise<ObjectStore> {
  const server = await startRclone(s3Directory)
  const env = {
    PREFECT_TS_S3_ENDPOINT: server.url,
    PREFECT_TS_S3_ACCESS_KEY_ID: s3Keys.accessKeyId,
    PREFECT_TS_S3_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  }
  const left = `its objects are files in ${relative(root, s3Directory)}`
  return { env, left, stop: () => server.stop() }
}

/** Google Cloud Storage in memory, with a token endpoint for the service account of the block. */
async function startGcs(): Promise<ObjectStore> {
  const [gcs, tokens] = await Promise.all([startFakeGcs(), startTokenServer()])
  const env = { STORAGE_EMULATOR_HOST: gcs.url, PREFECT_TS_GCS_KEY: JSON.stringify(tokens.key) }
  return {
    env,
    left: inMemory,
    async stop() {
      await gcs.stop()
      await tokens.stop()
    },
  }
}

/** Azure Blob Storage in memory. */
async function startAzure(): Promise<ObjectStore> {
  const server = await startAzurite()
  const env = { PREFECT_TS_AZURE_CONNECTION_STRING: server.connectionString }
  return { env, left: inMemory, stop: () => server.stop() }
}

/** `[--remote [name]] [day …]`; `--remote` alone is the block of PREFECT_DATA_BLOCK_REMOTE, if one is set. */
function parse(words: string[]): { remote: Remote | 'own block' | undefined; given: string[] } {
  const place = words.indexOf('--remote')
  if (place === -1) return { remote: undefined, given: words.map(checkDay) }
  const name = words[place + 1] ?? ''
  const isNamed = Object.hasOwn(remotes, name)
  if (!isNamed && /^[a-z]/.test(name)) {
    throw new Error(`just etl: "${name}" is no object store, known are ${knownRemotes}.`)
  }
  const own = readSetting('PREFECT_DATA_BLOCK_REMOTE') && ('own block' as const)
  const remote = isNamed ? remotes[name] : own || Object.values(remotes)[0]
  return { remote, given: words.toSpliced(place, isNamed ? 2 : 1).map(checkDay) }
}

/** A day that the data has, or an error. */
function checkDay(text: string): string {
  if (text.startsWith('-') || Object.hasOwn(remotes, text)) {
    throw new Error(
      `just etl: "${text}" is not known, only days and --remote with one of ${knownRemotes}.`,
    )
  }
  const date = new Date(`${text}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) {
    throw new Error(`just etl: "${text}" is not a date like 2013-02-10.`)
  }
  if (date.getUTCFullYear() !== 2013) {
    throw new Error(`just etl: ${text} has no flights, the data is of 2013.`)
  }
  return text
}
