import { readFileSync } from 'node:fs'
import { format, inspect } from 'node:util'
import {
  createArtifact,
  createClient,
  createSecret,
  deleteVariable,
  emitEvents,
  flowRunResult,
  getLatestArtifact,
  getVariable,
  isFinalState,
  readLogs,
  runDeployment,
  setFlowRunState,
  setVariable,
  updateArtifact,
  waitForFlowRun,
  withConcurrencySlot,
  type Client,
} from '@prefect-ts/api'
import { expect, it } from 'vitest'
import {
  json,
  reply,
  startFaultServer,
  type Answering,
  type Received,
} from '../../api/test/fault-server.ts'
import { generateWorkspaceTypes } from '../src/codegen.ts'
import { databaseUrl } from '../src/database.ts'
import * as blocks from '../src/index.ts'
import { createLocalBlocks } from '../src/local.ts'

// Proof R19: no canary in any rendering of what any public call gives or throws, whatever the server does.

/** Twelve secrets, each at another place where one can be. */
const canaries = {
  apiKey: 'c4nary-1-api-key/+',
  authString: 'me:c4nary-2-auth+/',
  apiUrlPassword: 'c4nary-3-userinfo',
  header: 'c4nary-4-header',
  text: 'c4nary-5 "text"\n',
  json: 'c4nary-6-in-json',
  nested: 'c4nary-7-nested',
  dictionary: 'c4nary-8-dictionary',
  custom: 'c4nary-9-custom',
  database: 'c4nary-10-database&@',
  parameter: 'c4nary-11-parameter',
  variable: 'c4nary-12-variable',
}

/** What must not be seen of them: the text itself, and every form that a server can turn it into. */
const forms = Object.values(canaries).flatMap((canary) => {
  const values = [canary, ...(canary.startsWith('me:') ? [canary.slice(3)] : [])]
  return values.flatMap((value) => {
    const bytes = Buffer.from(value)
    const [base64, hex] = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')]
    const inJson = JSON.stringify(value).slice(1, -1)
    return [value, inJson, encodeURIComponent(value), base64, bytes.toString('base64url'), hex]
  })
})
const shown = (text: string): boolean =>
  /c4nary/i.test(text) || forms.some((form) => text.includes(form))

const id = '5f1d0c52-6f6b-4c2b-9e57-3d9b2a1f7a10'
const minio = { minio_root_user: 'u', minio_root_password: canaries.nested }
const bucket = {
  bucket_name: 'b',
  credentials: { type: 'minio-credentials', data: minio },
} as const
const gcp = { service_account_info: { private_key: canaries.dictionary } }
const connection = {
  driver: 'postgresql',
  host: 'h',
  username: 'u',
  password: canaries.database,
  query: { sslcrl: canaries.database },
}
const everything = {
  value: { text: canaries.text, list: [canaries.json] },
  password: canaries.custom,
  credentials: minio,
  ...gcp,
  connection_info: connection,
}

type DescribeDrift = (block: blocks.BlockObject, options: { client: Client }) => Promise<unknown>

/** Every public call of both packages that takes or gives anything. */
const calls: Record<string, (client: Client) => Promise<unknown>> = {
  get: (client) => client.get('/block_documents/{id}', { path: { id } }),
  post: (client) =>
    client.post('/block_documents/', {
      body: { name: 'n', data: everything, block_schema_id: id, block_type_id: id },
    }),
  put: (client) =>
    client.put('/automations/{id}', { path: { id }, body: { name: canaries.text } as never }),
  patch: (client) =>
    client.patch('/block_documents/{id}', { path: { id }, body: { data: everything } }),
  delete: (client) => client.delete('/block_documents/{id}', { path: { id } }),
  paginate: (client) => first(client.paginate('/block_documents/filter', { body: {} })),
  createArtifact: (client) =>
    createArtifact(client, { type: 'markdown', data: canaries.parameter } as never),
  updateArtifact: (client) =>
    updateArtifact(client, id, { type: 'markdown', data: canaries.parameter } as never),
  getLatestArtifact: (client) => getLatestArtifact(client, 'key'),
  emitEvents: (client) =>
    emitEvents(client, [
      {
        event: 'e',
        resource: { 'prefect.resource.id': 'x' },
        payload: { secret: canaries.parameter },
      },
    ]),
  readLogs: (client) => first(readLogs(client, { flowRunId: id })),
  runDeployment: (client) =>
    runDeployment(client, 'flow/deployment', {
      parameters: { secret: canaries.parameter },
      jobVariables: { env: { KEY: canaries.parameter } },
      waitMs: 50,
    }),
  runDeploymentById: (client) =>
    runDeployment(client, id, { parameters: { secret: canaries.parameter }, waitMs: 50 }),
  setFlowRunState: (client) =>
    setFlowRunState(client, id, { type: 'COMPLETED', data: canaries.parameter } as never),
  waitForFlowRun: (client) => waitForFlowRun(client, id, { timeoutMs: 50 }),
  withConcurrencySlot: (client) =>
    withConcurrencySlot(client, 'limit', {}, () => canaries.parameter.length),
  getVariable: (client) => getVariable(client, 'name').then(() => undefined),
  setVariable: (client) => setVariable(client, 'name', { secret: canaries.variable }),
  deleteVariable: (client) => deleteVariable(client, 'name'),
  results: async () => [flowRunResult({ state: null }), isFinalState(null)],
  loadBlock: (client) => blocks.loadBlock('s3-bucket/b', { client }),
  loadSecret: (client) => blocks.loadBlock('secret/b', { client }),
  loadCustom: (client) => blocks.loadBlock('custom-type/b', { client }),
  loadDatabase: (client) => blocks.loadBlock('sqlalchemy-connector/b', { client }),
  loadBlockById: (client) => blocks.loadBlockById(id, { client }),
  findBlock: (client) => blocks.findBlock('gcp-credentials/b', { client }),
  listBlocks: (client) => first(blocks.listBlocks({ client, type: 'secret', name: 'x*' })),
  saveBlock: (client) =>
    blocks.saveBlock({ type: 's3-bucket', name: 'b', data: bucket }, { client }),
  overwriteBlock: (client) =>
    blocks.saveBlock({ type: 's3-bucket', name: 'b', data: bucket }, { client, overwrite: true }),
  saveCustom: (client) =>
    blocks.saveBlock({ type: 'custom-type', name: 'b', data: everything }, { client }),
  describeDrift: async (client) => {
    const describeDrift = Reflect.get(blocks, 'describeDrift') as DescribeDrift | undefined
    return describeDrift?.({ type: 's3-bucket', data: bucket }, { client })
  },
  deleteBlock: (client) => blocks.deleteBlock('secret/b', { client }),
  registerBlockType: (client) =>
    blocks.registerBlockType(
      { className: 'C', description: 'C', fields: { a: { type: 'secret' } } },
      { client },
    ),
  parseBlock: () =>
    blocks.parseBlock({ type: 'gcp-credentials', name: canaries.text.slice(0, 0), data: gcp }),
  parseWrong: () =>
    blocks.parseBlock({
      type: 'minio-credentials',
      data: { ...minio, region_name: [canaries.json] },
    }),
  databaseUrl: async () =>
    databaseUrl({ type: 'sqlalchemy-connector', data: { connection_info: connection } }),
  localBlocks: () => createLocalBlocks({ blocks: { 's3-bucket/b': bucket } }).load('s3-bucket/b'),
  localVariable: () =>
    createLocalBlocks({ env: { PREFECT_TS_BLOCK_SECRET__B: `{"value": "${canaries.json}` } }).load(
      'secret/b',
    ),
  generateWorkspaceTypes: (client) => generateWorkspaceTypes({ client }),
}

async function first(items: AsyncIterable<unknown>): Promise<unknown> {
  for await (const item of items) return Object.keys(Object(item)).length
  return undefined
}

/** Everything that came, sent back: the worst that a server can say. */
const echo = (seen: readonly Received[]): string => {
  const { headers, body = '', url = '' } = seen.at(-1) ?? {}
  return `${JSON.stringify(headers)} ${body} ${url} ${JSON.stringify(everything)}`
}
const echoes: Record<string, (status: number) => Answering> = {
  detail: (status) => (response, seen) => json(status, { detail: echo(seen) })(response, seen),
  'exception of Prefect': (status) => (response, seen) =>
    json(status, {
      exception_message: `Refused ${echo(seen)}`,
      exception_detail: [{ type: 'x', loc: ['body'], msg: echo(seen), input: everything }],
      request_body: everything,
    })(response, seen),
  'list of FastAPI': (status) => (response, seen) =>
    json(status, { detail: [{ loc: ['body', echo(seen)], msg: echo(seen) }] })(response, seen),
  text: (status) => (response, seen) => reply(status, echo(seen))(response, seen),
}
const document = (slug: string, data: unknown, fields: object = {}): unknown => ({
  id,
  name: 'b',
  data,
  block_type: { slug },
  block_schema: { fields },
  block_document_references: {},
})

/** Forty ways in which a server, or what stands before it, answers. */
const faults: [string, Answering][] = [
  ...[400, 401, 403, 404, 409, 422, 500].flatMap((status) =>
    Object.entries(echoes).map(([name, of]): [string, Answering] => [
      `${status}, ${name}`,
      of(status),
    ]),
  ),
  ['HTML', (response, seen) => reply(200, `<title>${echo(seen)}</title>`)(response, seen)],
  ['cut JSON', (response, seen) => reply(200, `{"a": ${echo(seen)}`)(response, seen)],
  ['redirect', reply(307, '', { location: `http://u:${canaries.header}@x/` })],
  ['no HTTP', (response, seen) => void response.socket?.end(echo(seen))],
  ['broken connection', (response) => void response.destroy()],
  ['stall', () => {}],
  ['empty', reply(200, '')],
  ['null', json(200, null)],
  ['a bucket with secrets', json(200, document('s3-bucket', bucket))],
  ['a bucket of a wrong shape', json(200, document('s3-bucket', { bucket_name: [everything] }))],
  [
    'a custom block',
    json(
      200,
      document('custom-type', everything, {
        secret_fields: [
          'value',
          'password',
          'credentials.*',
          'service_account_info.*',
          'connection_info.*',
        ],
      }),
    ),
  ],
  ['a secret', json(200, document('secret', { value: everything }))],
]

const sinks: Record<string, (outcome: unknown) => string> = {
  message: (outcome) => String(Object(outcome).message),
  stack: (outcome) => String(Object(outcome).stack),
  String,
  JSON: (outcome) => JSON.stringify(outcome) ?? '',
  'own properties': (outcome) => {
    return JSON.stringify(Object.getOwnPropertyDescriptors(Object(outcome)))
  },
  inspect: (outcome) => inspect(outcome, { depth: Infinity, showHidden: true, getters: true }),
  cause: (outcome) => inspect(Object(outcome).cause, { depth: Infinity, showHidden: true }),
  format: (outcome) => format('%s %o %O %j', outcome, outcome, outcome, outcome),
  clone: (outcome) => {
    try {
      return inspect(structuredClone(outcome), { depth: Infinity, showHidden: true })
    } catch (error) {
      return inspect(error, { depth: Infinity })
    }
  },
}

/** Calls whose answer is what the server sent, as it is: only their errors can keep a secret. */
const raw = ['get', 'post', 'put', 'patch', 'delete', 'updateArtifact', 'getLatestArtifact']
const rawAnswers = new Set([...raw, 'createArtifact', 'runDeployment', 'runDeploymentById'])
for (const name of ['setFlowRunState', 'waitForFlowRun']) rawAnswers.add(name)

let renderings = 0
let outcomes = 0

it.each(faults)('%s: no secret in any rendering', async (_, answer) => {
  await using server = await startFaultServer(answer)
  const client = createClient({
    apiUrl: server.apiUrl.replace('//', `//me:${canaries.apiUrlPassword}@`),
    apiKey: canaries.apiKey,
    authString: canaries.authString,
    customHeaders: { 'X-Token': canaries.header },
    env: {},
    timeoutMs: 400,
    maxRetries: 0,
  })
  // As if blocks with them had been loaded. The client registers its own; what is sent needs no word.
  const { text, json: inJson, nested, dictionary, custom, database } = canaries
  for (const value of [text, inJson, nested, dictionary, custom, database]) createSecret(value)
  const leaks: string[] = []
  await Promise.all(
    Object.entries(calls).map(async ([name, call]) => {
      const [failed, outcome] = await call(client).then(
        (value) => [false, value] as const,
        (error: unknown) => [true, error] as const,
      )
      outcomes++
      if (!failed && rawAnswers.has(name)) return
      for (const [sink, render] of Object.entries(sinks)) {
        renderings++
        if (shown(render(outcome))) leaks.push(`${name}, ${sink}`)
      }
    }),
  )
  await client.close()
  expect(leaks).toEqual([])
})

it('would see a secret that is shown', () => {
  const leak = new Error('x', { cause: { deep: [{ password: canaries.custom }] } })
  const seen = Object.entries(sinks).filter(([, render]) => shown(render(leak)))
  expect(seen.map(([sink]) => sink)).toEqual([
    'own properties',
    'inspect',
    'cause',
    'format',
    'clone',
  ])
  for (const form of forms) expect(shown(`<${form}>`)).toBe(true)
})

it('leaves no public call out', () => {
  const index = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8')
  const api = readFileSync(new URL('../../api/src/index.ts', import.meta.url), 'utf8')
  const code = readFileSync(new URL(import.meta.url), 'utf8').split('const calls')[1] ?? ''
  const functions = [...`${index}${api}`.matchAll(/^export \{([^}]+)\}/gm)]
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()))
    .filter((name) => /^[a-z]/.test(name) && !name.startsWith('type '))
  // These give no data, or are what the others are tested with.
  const others = [
    'createClient',
    'createSecret',
    'defineBlock',
    'isApiError',
    'isBlockError',
    'isSecret',
  ]
  const known = new Set([...others, 'maskSecrets', 'resolveSettings', 'secretValue'])
  const missing = functions.filter((name) => !known.has(name) && !code.includes(name))
  expect(missing).toEqual([])
})

it('has rendered what R19 asks for', () => {
  expect(Object.keys(canaries)).toHaveLength(12)
  expect(faults).toHaveLength(40)
  expect(Object.keys(sinks)).toHaveLength(9)
  expect(outcomes).toBe(40 * Object.keys(calls).length)
  expect(renderings).toBeGreaterThan(10_000)
})
