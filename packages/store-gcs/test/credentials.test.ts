import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Storage } from '@google-cloud/storage'
import { isStoreError, openStore, signUrl } from '@prefect-ts/store'
import type { BlockLike, Store } from '@prefect-ts/store'
import { createGcsStore, gcsAdapter } from '@prefect-ts/store-gcs'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  vi,
} from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import type { TokenServer } from '../../../test/servers/token-server.ts'

const url = inject('gcsUrl')
const bucket = `c-${randomUUID()}`
let google: TokenServer
let gcs: FaultProxy
let home: string

beforeAll(async () => {
  google = await startTokenServer()
  gcs = await startFaultProxy(url)
  home = await mkdtemp(join(tmpdir(), 'store-gcs-'))
  await writeFile(join(home, 'key.json'), JSON.stringify(google.key))
  await createGcsBucket(url, bucket)
})

beforeEach(() => {
  vi.stubEnv('STORAGE_EMULATOR_HOST', gcs.url)
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
  vi.stubEnv('HOME', home)
  // No look for a metadata server, which this machine may not have.
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  google.tokens.length = 0
  google.lifetime = 3_600
  gcs.seen.length = 0
  gcs.plan = () => undefined
})

afterEach(() => {
  vi.unstubAllEnvs()
})

afterAll(async () => {
  await Promise.all([google.stop(), gcs.stop()])
  await rm(home, { recursive: true, force: true })
})

function blockOf(credentials: object | null): BlockLike {
  return { type: 'gcs-bucket', name: 'prod', data: { bucket, gcp_credentials: credentials } }
}

const open = (block: BlockLike): Promise<Store> => openStore(block, { adapters: [gcsAdapter] })

async function authorizations(store: Store): Promise<(string | undefined)[]> {
  await store.put('k', 'x')
  return gcs.seen.map(({ headers }) => headers.authorization)
}

const secret = <T>(value: T) => ({ reveal: () => value })

const signed: [name: string, credentials: () => object][] = [
  ['service_account_info', () => ({ service_account_info: google.key, project: 'p' })],
  ['its JSON', () => ({ service_account_info: secret(JSON.stringify(google.key)) })],
  [
    'its fields as secrets',
    () => ({
      service_account_info: Object.fromEntries(
        Object.entries(google.key).map(([name, value]) => [name, secret(value)]),
      ),
    }),
  ],
  [
    'a nested block',
    () => ({ type: 'gcp-credentials', data: { service_account_info: google.key } }),
  ],
  ['service_account_file', () => ({ service_account_file: join(home, 'key.json') })],
  ['a file in ~', () => ({ service_account_file: '~/key.json', service_account_info: null })],
]

function remote(settings: object | null): BlockLike {
  return { type: 'remote-file-system', data: { basepath: `gs://${bucket}/base`, settings } }
}

describe('credentials of a block', () => {
  it.each(signed)('%s: a token from its token_uri', async (_name, credentials) => {
    const store = await open(blockOf(credentials()))
    expect(await authorizations(store)).toEqual(['Bearer token-1'])
    await store.head('k')
    expect(google.tokens).toEqual(['token-1'])
    expect(inspect(store, { depth: 10, showHidden: true })).not.toContain('PRIVATE KEY')
  })

  it.each(['k', "ö +%/a~!'()*.txt"])(
    "sign a URL as Google's own library does, for %s",
    async (key) => {
      vi.stubEnv('STORAGE_EMULATOR_HOST', undefined)
      const now = new Date('2026-03-31T23:59:58.900Z')
      vi.useFakeTimers({ toFake: ['Date'], now })
      try {
        const store = await open(blockOf({ service_account_info: google.key }))
        // Google's library warns of a key given as an option, not of one that it finds itself.
        vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'key.json'))
        const storage = new Storage()
        for (const [method, action] of [
          ['GET', 'read'],
          ['PUT', 'write'],
        ] as const) {
          const [expected] = await storage
            .bucket(bucket)
            .file(key)
            .getSignedUrl({
              version: 'v4',
              action,
              accessibleAt: now,
              expires: new Date(now.getTime() + 600_000),
            })
          expect(await signUrl(store, key, { method, expiresInMs: 600_000 })).toBe(expected)
        }
      } finally {
        vi.useRealTimers()
      }
    },
  )

  it('sign URLs only where there is a key', async () => {
    expect(createGcsStore({ bucket }).capabilities.signUrl).toBe(false)
    const store = await open(blockOf({ service_account_info: google.key }))
    expect(store.capabilities.signUrl).toBe(true)
  })

  it('asks for nothing but objects', async () => {
    const store = await open(blockOf({ service_account_info: google.key }))
    await store.put('k', 'x')
    await store.get('k').then((object) => object?.body.cancel())
    for await (const entry of store.list()) expect(entry.key).toBe('k')
    await store.copy('k', 'l')
    await store.delete(['k', 'l'])
    const paths = gcs.seen.map((request) => request.url)
    expect(paths.filter((path) => !path.includes(`/b/${bucket}/o`))).toEqual([])
  })

  it('application default credentials: a service account, whose token_uri is honoured', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(home, 'key.json'))
    expect(await authorizations(await open(blockOf(null)))).toEqual(['Bearer token-1'])
    expect(await authorizations(createGcsStore({ bucket }))).toContain('Bearer token-2')
  })

  it('no credentials at all: anonymous to an emulator, else an error that says where it looked', async () => {
    expect(await authorizations(await open(blockOf({})))).toEqual([undefined])
    vi.stubEnv('STORAGE_EMULATOR_HOST', '')
    await expect((await open(blockOf({}))).head('k')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS'),
    })
  })

  it("a client of Google's own library", async () => {
    const authClient = {
      getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer own' })),
    }
    const signing = { apiEndpoint: gcs.url, authClient }
    expect(await authorizations(createGcsStore({ bucket, storage: signing }))).toEqual([
      'Bearer own',
    ])
    gcs.seen.length = 0
    vi.stubEnv('STORAGE_EMULATOR_HOST', undefined)
    const storage = new Storage({ apiEndpoint: gcs.url, projectId: 'p' })
    expect(await authorizations(createGcsStore({ bucket, storage }))).toEqual([undefined])
  })

  it("a client of Google's own library whose error holds its request: none of it goes on", async () => {
    const config = { data: 'subject_token=canary', headers: { authorization: 'Bearer canary' } }
    const refusal = Object.assign(new Error('canary'), { status: 400, config })
    const broken = Object.assign(new Error('canary'), { code: 'ECONNRESET', config })
    for (const [error, code, reason] of [
      [refusal, 'ACCESS_DENIED', 'HTTP 400'],
      [broken, 'UNAVAILABLE', 'ECONNRESET'],
    ] as const) {
      const authClient = { getRequestHeaders: () => Promise.reject(error) }
      const store = createGcsStore({ bucket, storage: { apiEndpoint: gcs.url, authClient } })
      const failure: unknown = await store.head('k').catch((caught: unknown) => caught)
      expect(failure).toMatchObject({ code, message: expect.stringContaining(reason) })
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('canary')
    }
  })

  it.each([
    [{ service_account_info: 1 }, /service_account_info is no JSON object/],
    [{ service_account_info: '{bad hunter2' }, /service_account_info is not JSON$/],
    [{ service_account_info: {} }, /lacks client_email, private_key, token_uri$/],
    [
      { service_account_info: { type: 'service_account', client_email: 'a' } },
      /lacks private_key, token_uri$/,
    ],
    [
      { service_account_file: '/no/such.json' },
      /service_account_file \/no\/such.json can't be read \(ENOENT\)/,
    ],
    [{ service_account_file: 5 }, /service_account_file is no text/],
    [
      { service_account_info: {}, service_account_file: 'x' },
      /both service_account_info and service_account_file/,
    ],
    [{ service_account_key: 'x' }, /field service_account_key of gcp_credentials is not supported/],
    ['text', /gcp_credentials is no object/],
  ] as [object, RegExp][])('refuses %j', async (credentials, message) => {
    const error: unknown = await open(blockOf(credentials)).catch((reason: unknown) => reason)
    expect(isStoreError(error, 'INVALID_CONFIG')).toBe(true)
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain('hunter2')
  })

  it('refuses a private key that is none, without showing it', async () => {
    const store = await open(
      blockOf({ service_account_info: { ...google.key, private_key: 'hunter2' } }),
    )
    const error: unknown = await store.head('k').catch((reason: unknown) => reason)
    expect(isStoreError(error, 'INVALID_CONFIG')).toBe(true)
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
  })

  it('refuses a token_uri that leads to a metadata address', async () => {
    const info = { ...google.key, token_uri: 'http://169.254.169.254/token' }
    await expect(open(blockOf({ service_account_info: info }))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message:
        'The token_uri of service_account_info leads to 169.254.169.254, a link-local or metadata address',
    })
  })

  it('says when the account is refused, and when the token endpoint is down', async () => {
    const other = await startTokenServer()
    const info = { ...google.key, token_uri: other.key['token_uri'] }
    const store = await open(blockOf({ service_account_info: info }))
    await expect(store.head('k')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringContaining('invalid_grant'),
    })
    await other.stop()
    await expect(store.head('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('tokens', () => {
  it('that the server refuses are asked for once more, not for ever', async () => {
    const store = await open(blockOf({ service_account_info: google.key }))
    await store.put('k', 'x')
    let refusals = 1
    gcs.plan = () => (refusals-- > 0 ? { kind: 'answer', status: 401, body: '' } : undefined)
    expect(await store.head('k')).toBeDefined()
    expect(google.tokens).toEqual(['token-1', 'token-2'])
    gcs.plan = () => ({ kind: 'answer', status: 401, body: '' })
    await expect(store.head('k')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(google.tokens.length).toBe(3)
  })
})

describe('a remote-file-system block', () => {
  it.each([
    ['no settings', null, undefined],
    ['anon', { token: 'anon' }, undefined],
    ['google_default', { token: 'google_default', project: 'p' }, undefined],
  ])('%s', async (_name, settings, authorization) => {
    expect(await authorizations(await open(remote(settings)))).toEqual([authorization])
  })

  it('a key or its file as token, and endpoint_url before the environment', async () => {
    vi.stubEnv('STORAGE_EMULATOR_HOST', 'http://127.0.0.1:1')
    const endpoint = { endpoint_url: gcs.url }
    const fields = Object.entries(google.key).map(([name, value]) => [name, secret(value)])
    // The last two are as the package of blocks gives them.
    const tokens = [google.key, '~/key.json', secret('~/key.json'), Object.fromEntries(fields)]
    for (const token of tokens) {
      gcs.seen.length = 0
      const store = await open(remote({ ...endpoint, token }))
      expect((await authorizations(store))[0]).toMatch(/^Bearer token-/)
      expect(store.locate('x')).toBe(`gs://${bucket}/base/x`)
    }
  })

  it.each([
    [{ anon: true }, /the field anon of its settings is not supported/],
    [{ requester_pays: true }, /requester_pays/],
    [{ token: 'browser' }, /token of its settings is not supported/],
    [{ token: 'cache' }, /token of its settings is not supported/],
    [{ token: {} }, /token lacks client_email/],
    [{ endpoint_url: 'http://169.254.169.254' }, /metadata address/],
    [{ endpoint_url: 'ftp://x' }, /is not http/],
    [{ endpoint_url: 7 }, /endpoint_url of its settings is no text/],
  ])('refuses the settings %j', async (settings, message) => {
    const error: unknown = await open(remote(settings)).catch((reason: unknown) => reason)
    expect(isStoreError(error, 'INVALID_CONFIG')).toBe(true)
    expect(String(error)).toMatch(message)
  })
})

describe('a block', () => {
  it.each([
    [{ bucket, folder: 'x' }, /the field folder of the block is not supported/],
    [{ bucket: 5 }, /bucket is no text/],
    [{ bucket: 'Bad Bucket!' }, /is not the name of a bucket/],
    [{ bucket: '' }, /is not the name of a bucket/],
    [{ bucket: 'a/b' }, /is not the name of a bucket/],
    [{ bucket, bucket_folder: 5 }, /bucket_folder is no text/],
    [{ bucket, bucket_folder: 'a\0b' }, /folder holds NUL/],
  ])('refuses %j', async (data, message) => {
    const error: unknown = await open({ type: 'gcs-bucket', data }).catch(
      (reason: unknown) => reason,
    )
    expect(isStoreError(error, 'INVALID_CONFIG')).toBe(true)
    expect(String(error)).toMatch(message)
  })

  it('says that a bucket is not there', async () => {
    gcs.plan = () => ({
      kind: 'answer',
      status: 404,
      body: JSON.stringify({ error: { message: 'The specified bucket does not exist.' } }),
    })
    const store = createGcsStore({ bucket: 'no-such-bucket' })
    const works = [
      () => store.get('k'),
      () => store.head('k'),
      () => store.put('k', 'x'),
      () => store.delete('k'),
    ]
    for (const work of works) {
      await expect(work()).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('the bucket no-such-bucket does not exist'),
      })
    }
  })

  it.each(['{}', '{}/', '{}/storage/v1', 'bare'])('STORAGE_EMULATOR_HOST as %s', async (form) => {
    const host = form === 'bare' ? new URL(gcs.url).host : form.replace('{}', gcs.url)
    vi.stubEnv('STORAGE_EMULATOR_HOST', host)
    const store = createGcsStore({ bucket })
    await store.put('k', form)
    expect(await new Response((await store.get('k'))?.body).text()).toBe(form)
  })
})
