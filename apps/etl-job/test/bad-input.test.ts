import { createClient, type Client } from '@prefect-ts/api'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest'
import { freePort } from '../../../scripts/lib/prefect-server.ts'
import { job, python, startFlows, type FlowRequest, type Flows } from './flows.ts'
import { day, flight, header, inputPaths, pathOf, writeInputs } from './inputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'etl-job-test-'))
const good = join(folder, 'good')
const exitCodeFile = join(folder, 'exit-code')
const apiUrl = inject('prefectApiUrl')
// The server is shared: names of our own.
const prefix = basename(folder).toLowerCase()
const registered = new Set<string>()
let unconfined: string | undefined
let client: Client
let flows: Flows

beforeAll(async () => {
  for (const name of ['full', 'full-temporary', 'read-only']) mkdirSync(join(folder, name))
  writeInputs(good)
  client = createClient({ apiUrl })
  flows = await startFlows(folder, {}, confine())
})
afterAll(async () => {
  await flows?.stop()
  await client?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The start of a command that has the disks of `confine.sh`; else none, with the reason in `unconfined`. */
function confine(): string[] {
  const script = [join(import.meta.dirname, 'fixtures/confine.sh'), folder]
  for (const options of ['-m', '-Urm']) {
    const command = ['unshare', options, 'sh', ...script]
    const probe = spawnSync('unshare', [...command.slice(1), python, '-c', ''])
    if (probe.status === 0) return command
    unconfined = `needs mounts of its own (unshare ${options}), but: ${probe.error?.message ?? probe.stderr.toString().trim()}`
  }
  return []
}

interface Case extends FlowRequest {
  /** The base path of the block, with nothing but good inputs unless `files` says otherwise. */
  basePath?: string
  files?: readonly string[]
  /** Block of the datastore `local` in place of one with `basePath`. */
  block?: string
  /** By which the job says what kind of failure it was. @default 64: an input that cannot be used */
  exitCode?: number
  env?: { PREFECT_API_URL?: string; PREFECT_CLIENT_MAX_RETRIES?: string; TMPDIR?: string }
}

/** Runs the job in a flow and checks all that holds for every failure. Returns the message that users see. */
async function fail(given: Case): Promise<string> {
  const { basePath = good, files = inputPaths, block, exitCode = 64, env, ...rest } = given
  const name = `${prefix}-${basename(basePath).toLowerCase()}`
  const blocks = block === undefined && !registered.has(name) ? { [name]: basePath } : {}
  registered.add(name)
  rmSync(exitCodeFile, { force: true })
  const run = await flows.run({
    params: { rundate: day },
    blocks,
    options: {
      datastores: { local: block ?? `local-file-system/${name}` },
      node_options: ['--import', join(import.meta.dirname, 'fixtures/record-exit.mjs')],
      env: { EXIT_CODE_FILE: exitCodeFile, ...env },
    },
    folders: [basePath],
    ...rest,
  })
  expect(run.state).toBe('FAILED')
  expect(readFileSync(exitCodeFile, 'utf8')).toBe(String(exitCode))
  expect(run.files[basePath]).toEqual(files)
  expect(run.temporary).toEqual([])
  const introduction = 'Flow run encountered an exception: NodeJobError: '
  expect(run.message?.slice(0, introduction.length)).toBe(introduction)
  const message = run.message?.slice(introduction.length) ?? ''
  const { PREFECT_API_URL: otherServer } = env ?? {}
  const reached = otherServer === undefined && given.protocol === undefined
  const lines = await client.post('/logs/filter', {
    body: { logs: { flow_run_id: { any_: [run.id] }, level: { ge_: 40 } } },
  })
  const own = lines.filter((line) => line.name === 'prefect-ts.job')
  expect(own.map((line) => line.message.split('\n')[0])).toEqual(reached ? [message] : [])
  return message
}

/** A base path of a test's own, with inputs of which some are replaced. */
function makeBasePath(lines?: Parameters<typeof writeInputs>[1]): string {
  const basePath = mkdtempSync(join(folder, 'data-'))
  writeInputs(basePath, lines)
  return basePath
}

/** How errors begin that concern an input. */
function named(name: string, basePath: string): string {
  return `Dataset "${name}" at "${pathOf(name)}" in ${pathToFileURL(basePath).href}/`
}

const report = `reports/parquet/dataset=carrier_delays/rundate=${day}/data.parquet`

it('unknown parameter', async () => {
  expect(await fail({ params: { rundate: day, rundat: 1 } })).toBe(
    'The job does not accept the params of the flow: Unrecognized key: "rundat". Correct the params and start it again.',
  )
})

it('ill-typed parameters', async () => {
  expect(await fail({ params: { rundate: 20130101, rundate_type: 'newest' } })).toBe(
    'The job does not accept the params of the flow: "rundate": must be a date like "2013-01-31"; ' +
      '"rundate_type": Invalid option: expected one of "latest"|"specific". Correct the params and start it again.',
  )
})

it('missing block', async () => {
  const block = `local-file-system/${prefix}-god`
  const message = await fail({ block, exitCode: 66 })
  const start = `Block "${block}" was not found on ${apiUrl}. Near names: "${prefix}-good"`
  expect(message.slice(0, start.length)).toBe(start)
  expect(message).toMatch(
    / Correct the name, or create the block in Prefect's UI or from Python\.$/,
  )
})

it('block of an unexpected type', async () => {
  const block = `secret/${prefix}-other`
  expect(await fail({ block, secrets: { [`${prefix}-other`]: 'x' } })).toBe(
    `Cannot open block "${block}" as a store: the given adapters know ` +
      'azure-blob-storage-container, gcs-bucket, local-file-system, remote-file-system, s3-bucket. ' +
      'Name a block of such a type, or add the adapter for "secret" to the job.',
  )
})

it('block name of an unexpected type', async () => {
  const params = { rundate: day, signing_key_block: 'local-file-system/etl-data' }
  expect(await fail({ params })).toBe(
    'The job does not accept the params of the flow: "signing_key_block": must be a block name like ' +
      '"secret/my-key". Correct the params and start it again.',
  )
})

it('missing signing key: nothing is written', async () => {
  const params = { rundate: day, signing_key_block: `secret/${prefix}` }
  const message = await fail({ params, exitCode: 66 })
  expect(message).toContain(`Block "secret/${prefix}" was not found on ${apiUrl}. `)
})

it('server down', async () => {
  const dead = `http://127.0.0.1:${await freePort()}/api`
  const env = { PREFECT_API_URL: dead, PREFECT_CLIENT_MAX_RETRIES: '1' }
  const message = await fail({ env, exitCode: 69 })
  expect(message).toBe(
    `No answer from the Prefect API at ${dead} (from environment variable PREFECT_API_URL) to ` +
      `GET /block_types/slug/local-file-system/block_documents/name/${prefix}-good: ` +
      'connection refused (ECONNREFUSED). Is the server running, and the address right?',
  )
})

it('server answers HTML', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<html><head><title>Sign in</title></head></html>')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  const message = await fail({ env: { PREFECT_API_URL: url } })
  expect(message).toBe(
    `GET /block_types/slug/local-file-system/block_documents/name/${prefix}-good on ${url}: status 200, ` +
      `answered with an HTML page titled "Sign in". Is ${url} (from environment variable PREFECT_API_URL) the ` +
      'address of a Prefect API? PREFECT_API_URL should end in /api',
  )
})

it('base path that does not exist', async () => {
  const basePath = join(folder, 'nowhere')
  expect(await fail({ basePath, files: [], exitCode: 66 })).toContain(
    'Dataset "flights" was not found at ',
  )
})

it('base path with a file in the way', async () => {
  const basePath = makeBasePath()
  writeFileSync(join(basePath, 'reports'), '')
  expect(await fail({ basePath, files: [...inputPaths, 'reports'] })).toBe(
    `Cannot write ${basePath}/${report}: a part of its path is a file, not a folder`,
  )
})

it('base path without permission to write', async ({ skip }) => {
  skip(
    unconfined !== undefined && process.getuid?.() === 0,
    `Permissions do not bind root: ${unconfined}`,
  )
  const basePath = makeBasePath()
  chmodSync(basePath, 0o500)
  expect(await fail({ basePath })).toBe(`Cannot write ${basePath}/${report}: permission denied`)
})

it('base path on a read-only disk', async ({ skip }) => {
  skip(unconfined !== undefined, unconfined)
  const basePath = join(folder, 'read-only')
  expect(await fail({ basePath })).toBe(
    `Cannot write ${basePath}/${report}: the file system is read-only`,
  )
})

it('disk full', async ({ skip }) => {
  skip(unconfined !== undefined, unconfined)
  const basePath = join(folder, 'full')
  expect(await fail({ basePath, files: [...inputPaths, 'filler'], exitCode: 1 })).toBe(
    `Cannot write ${basePath}/${report}: no space left on the disk`,
  )
})

it('disk of TMPDIR full', async ({ skip }) => {
  skip(unconfined !== undefined, unconfined)
  const message = await fail({ env: { TMPDIR: join(folder, 'full-temporary') }, exitCode: 1 })
  expect(message).toMatch(
    /^DuckDB could not make the report: IO Error: Could not write file ".*": No space left on device$/,
  )
})

it('TMPDIR that does not exist', async () => {
  expect(await fail({ env: { TMPDIR: '/nowhere' }, exitCode: 1 })).toBe(
    'Cannot make a temporary folder (/nowhere): there is no such file or folder. ' +
      'Set TMPDIR to a folder that can be written to.',
  )
})

it('missing input dataset', async () => {
  expect(await fail({ params: { rundate: '2013-01-02' }, exitCode: 66 })).toBe(
    'Dataset "flights" was not found at "extracts/csv/dataset=flights/rundate=2013-01-02/data.csv" in ' +
      `${pathToFileURL(good).href}/. The newest rundate there is ${day}.`,
  )
})

it.for([
  [
    'a row with too many fields',
    'flights',
    [header, flight, `${flight},x`],
    'line 3 has 20 fields, expected 19',
  ],
  [
    'a row with too few fields',
    'airlines',
    ['carrier,name', 'UA'],
    'line 2 has 1 fields, expected 2',
  ],
  [
    'an ill-typed value in a column that the report does not use',
    'flights',
    [header, flight, flight.replace(',517,', ',late,')],
    'line 3 has no INTEGER in column "dep_time"',
  ],
  [
    'an unterminated quote',
    'airlines',
    ['carrier,name', 'UA,"United'],
    'line 2 has an unterminated quote',
  ],
  [
    'swapped columns',
    'flights',
    [header.replace('dep_delay,arr_time', 'arr_time,dep_delay'), flight],
    'column 6 of the header is not "dep_delay"',
  ],
  ['no header', 'flights', [flight, flight], 'column 1 of the header is not "year"'],
  ['an empty file', 'flights', [], 'the file is empty, not even a header'],
] as const)('csv with %s', async ([, name, lines, problem]) => {
  const basePath = makeBasePath({ [name]: lines })
  expect(await fail({ basePath })).toBe(
    `${named(name, basePath)}: ${problem}. Correct the dataset and run the day again.`,
  )
})

it('flow of another protocol version', async () => {
  expect(await fail({ protocol: 2 })).toBe(
    `${job} ended with exit code 64 and left no result. Its last output:\n` +
      'The flow speaks protocol 2, @prefect-ts/run speaks protocol 1: ' +
      'install matching versions of prefect-ts (PyPI) and @prefect-ts/run (npm).',
  )
})
