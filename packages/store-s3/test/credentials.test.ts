import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@prefect-ts/store'
import type { BlockLike } from '@prefect-ts/store'
import { s3Adapter } from '@prefect-ts/store-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { credentialSettings } from '../src/block-settings.ts'
import { resolveSettings } from '../src/settings.ts'
import { makeCertificate } from '../../../test/servers/certificate.ts'
import { signedBy, startRecorder } from './recorder.ts'
import type { Recorded, Recorder } from './recorder.ts'

let recorder: Recorder
let folder = ''
let endpoint = ''

beforeAll(async () => {
  recorder = await startRecorder()
  endpoint = `http://127.0.0.1:${recorder.port}`
  folder = await mkdtemp(join(tmpdir(), 'store-s3-'))
  await writeFile(
    join(folder, 'credentials'),
    '[default]\naws_access_key_id = fromdefault\naws_secret_access_key = s\n\n[p1]\naws_access_key_id=fromp1\naws_secret_access_key=s\n[bad]\naws_access_key_id=bad\naws_secret_access_key=s\n',
  )
  await writeFile(
    join(folder, 'config'),
    '# comment\n[default]\nregion = eu-west-3\n[profile p1]\nregion=ap-south-1\noutput = json\n',
  )
})
afterAll(async () => {
  await recorder.stop()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  recorder.seen.length = 0
  recorder.answer = () => ({ status: 200, headers: { etag: '"1"' }, body: 'ok' })
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  }
  // No file of this machine, and no question to a metadata service that is not there.
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function useFiles(): void {
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
}

function blockOf(credentials: object, type?: string): BlockLike {
  const nested = type === undefined ? credentials : { type, data: credentials }
  return { type: 's3-bucket', name: 'b', data: { bucket_name: 'vec', credentials: nested } }
}

/** The request that a read through the block makes. */
async function requestOf(block: BlockLike): Promise<Recorded> {
  const store = await openStore(block, { adapters: [s3Adapter] })
  await store.head('exists.txt')
  const [request] = recorder.seen
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

const keys = { aws_access_key_id: 'blockkey', aws_secret_access_key: 'blocksecret' }
const here = () => ({ aws_client_parameters: { endpoint_url: endpoint } })

// As boto3 1.43 resolved them (reference vectors, aws-credentials-resolution).
const resolutions: [
  name: string,
  fields: object,
  env: Record<string, string>,
  files: boolean,
  expected: { key: string; region: string },
][] = [
  ['keys of the block', keys, {}, false, { key: 'blockkey', region: 'us-east-1' }],
  ['shared default profile', {}, {}, true, { key: 'fromdefault', region: 'eu-west-3' }],
  [
    'keys of the environment',
    {},
    { AWS_ACCESS_KEY_ID: 'envkey', AWS_SECRET_ACCESS_KEY: 's' },
    false,
    { key: 'envkey', region: 'us-east-1' },
  ],
  [
    'AWS_PROFILE and keys of the environment: the keys win, the region is the profile’s',
    {},
    { AWS_PROFILE: 'p1', AWS_ACCESS_KEY_ID: 'envkey', AWS_SECRET_ACCESS_KEY: 's' },
    true,
    { key: 'envkey', region: 'ap-south-1' },
  ],
  [
    'profile_name and keys of the environment: the profile wins',
    { profile_name: 'p1' },
    { AWS_ACCESS_KEY_ID: 'envkey', AWS_SECRET_ACCESS_KEY: 's' },
    true,
    { key: 'fromp1', region: 'ap-south-1' },
  ],
  [
    'profile_name and keys of the block: the keys win',
    { ...keys, profile_name: 'bad' },
    {},
    true,
    { key: 'blockkey', region: 'us-east-1' },
  ],
  ['AWS_PROFILE alone', {}, { AWS_PROFILE: 'p1' }, true, { key: 'fromp1', region: 'ap-south-1' }],
  [
    'AWS_REGION is not looked at',
    keys,
    { AWS_REGION: 'us-west-2' },
    false,
    { key: 'blockkey', region: 'us-east-1' },
  ],
  [
    'AWS_DEFAULT_REGION is',
    keys,
    { AWS_DEFAULT_REGION: 'us-west-2', AWS_REGION: 'eu-north-1' },
    false,
    { key: 'blockkey', region: 'us-west-2' },
  ],
  [
    'region_name wins',
    { ...keys, region_name: 'eu-west-1' },
    { AWS_DEFAULT_REGION: 'us-west-2' },
    false,
    { key: 'blockkey', region: 'eu-west-1' },
  ],
  [
    'region_name of its config wins over that',
    {
      ...keys,
      region_name: 'eu-west-1',
      aws_client_parameters: { config: { region_name: 'us-west-2' } },
    },
    {},
    false,
    { key: 'blockkey', region: 'us-west-2' },
  ],
  [
    'empty texts count as absent',
    { aws_access_key_id: '', aws_secret_access_key: '', profile_name: '', region_name: '' },
    { AWS_ACCESS_KEY_ID: 'envkey', AWS_SECRET_ACCESS_KEY: 's' },
    false,
    { key: 'envkey', region: 'us-east-1' },
  ],
]

describe('credentials and region', () => {
  it.each(resolutions)('%s', async (_name, fields, env, files, expected) => {
    if (files) useFiles()
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const parameters = 'aws_client_parameters' in fields ? fields.aws_client_parameters : {}
    const all = {
      ...fields,
      aws_client_parameters: { ...Object(parameters), endpoint_url: endpoint },
    }
    const request = await requestOf(blockOf(all, 'aws-credentials'))
    expect(signedBy(request)).toEqual(expected)
    expect(request.url).toBe('/vec/exists.txt')
    expect(request.headers['x-amz-security-token']).toBeUndefined()
  })

  it('a session token goes with its keys, and none of the environment with keys of the block', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'envtoken')
    const token = { ...keys, aws_session_token: 'blocktoken' }
    const request = await requestOf(blockOf({ ...token, ...here() }))
    expect(request.headers['x-amz-security-token']).toBe('blocktoken')
  })

  it('of a MinIOCredentials block, nested or inline', async () => {
    const minio = { minio_root_user: 'user', minio_root_password: { reveal: () => 'pass' } }
    for (const type of ['minio-credentials', undefined]) {
      recorder.seen.length = 0
      const request = await requestOf(blockOf({ ...minio, ...here() }, type))
      expect(signedBy(request)).toEqual({ key: 'user', region: 'us-east-1' })
    }
  })

  it('none anywhere is an error of the first call', async () => {
    const store = await openStore(blockOf(here()), { adapters: [s3Adapter] })
    await expect(store.head('k')).rejects.toMatchObject({ code: 'ACCESS_DENIED', key: 'k' })
  })

  it('unsigned sends no signature', async () => {
    const config = { signature_version: 'unsigned' }
    const parameters = { endpoint_url: endpoint, config }
    const request = await requestOf(blockOf({ aws_client_parameters: parameters }))
    expect(request.headers.authorization).toBeUndefined()
  })

  it('a role is taken on, with its parameters, and taken on anew before it expires', async () => {
    let taken = 0
    const sts = await startRecorder()
    sts.answer = () => {
      taken++
      const expires = new Date(Date.now() + 2_000).toISOString()
      return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>role${taken}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token${taken}</SessionToken><Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      }
    }
    vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${sts.port}`)
    const role = {
      assume_role_arn: 'arn:aws:iam::123456789012:role/r',
      assume_role_kwargs: { ExternalId: 'ext', RoleSessionName: null },
    }
    try {
      const block = blockOf({ ...keys, ...role, ...here() })
      const store = await openStore(block, { adapters: [s3Adapter] })
      for (let call = 0; call < 3; call++) await store.head('k')
      const tokens = recorder.seen.map(({ headers }) => headers['x-amz-security-token'])
      expect(new Set(tokens).size).toBeGreaterThan(1)
      expect(tokens.every((token) => /^token\d$/.test(String(token)))).toBe(true)
      const asked = new URLSearchParams(sts.seen[0]?.body)
      expect(asked.get('RoleArn')).toBe(role.assume_role_arn)
      expect(asked.get('ExternalId')).toBe('ext')
      expect(asked.get('RoleSessionName')).toMatch(/^prefect-session-[0-9a-f]{8}$/)
    } finally {
      await sts.stop()
    }
  })

  it('a clock that is wrong is corrected by the one of the server', async () => {
    let asked = 0
    recorder.answer = () => {
      if (asked++ > 0) return { status: 200, headers: { etag: '"1"' }, body: 'ok' }
      const date = new Date(Date.now() + 3_600_000).toUTCString()
      const body =
        '<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large</Message></Error>'
      return { status: 403, headers: { date, 'content-type': 'application/xml' }, body }
    }
    const store = await openStore(blockOf({ ...keys, ...here() }), { adapters: [s3Adapter] })
    await store.put('k', 'x')
    const dates = recorder.seen.map(({ headers }) => String(headers['x-amz-date']))
    expect(dates.length).toBeGreaterThan(1)
    expect(dates.at(-1)?.slice(0, 11)).not.toBe(dates[0]?.slice(0, 11))
  })
})

describe('what is refused, by name', () => {
  const cases: [name: string, fields: object, message: RegExp][] = [
    ['an id without its secret', { aws_access_key_id: 'x' }, /aws_access_key_id but no aws_secret/],
    ['a secret without its id', { aws_secret_access_key: 'x' }, /secret_access_key but no aws_acc/],
    ['a token without keys', { aws_session_token: 'x' }, /aws_session_token but no aws_access_key/],
    ['a user without a password', { minio_root_user: 'x' }, /minio_root_user but no minio_root_pa/],
    ['junk', { nonsense: 1 }, /field nonsense of credentials is not supported/],
    ['a profile that is nowhere', { profile_name: 'nope' }, /names the profile "nope"/],
    [
      'a line break in a key',
      { ...keys, aws_session_token: 'a\r\nb: c' },
      /its aws_session_token is/,
    ],
    ['no region', { ...keys, region_name: 'eu west' }, /the region "eu west" is none/],
    [
      'a role parameter that STS does not have',
      { ...keys, assume_role_kwargs: { Nope: 1 } },
      /field Nope of assume_role_kwargs/,
    ],
    [
      'parameters of a role that is not named',
      { ...keys, assume_role_kwargs: { ExternalId: 'x' } },
      /assume_role_kwargs but no assume_role_arn/,
    ],
  ]
  const parameters: [name: string, parameters: object, message: RegExp][] = [
    ['an endpoint without a scheme', { endpoint_url: '127.0.0.1:9000' }, /endpoint_url is n/],
    ['an endpoint of another scheme', { endpoint_url: 'ftp://host' }, /endpoint_url is not http/],
    ['an endpoint with credentials', { endpoint_url: 'http://u:s3cret@h' }, /holds credentials/],
    ['a metadata address', { endpoint_url: 'http://169.254.169.254' }, /link-local or metadata/],
    ['one written as a number', { endpoint_url: 'http://2852039166/' }, /link-local or metadata/],
    ['another API', { api_version: '2005-01-01' }, /its api_version is "2005-01-01"/],
    ['a switch that is none', { use_ssl: 'yes' }, /its use_ssl is neither true nor false/],
    [
      'missing certificates',
      { verify_cert_path: '/nonexistent.pem' },
      /\/nonexistent.pem does not/,
    ],
    ['an unknown parameter', { nope: 1 }, /field nope of aws_client_parameters/],
    ['proxies', { config: { proxies: { https: 'http://p' } } }, /field proxies of config/],
    [
      'signature version 2',
      { config: { signature_version: 's3' } },
      /signature_version of its conf/,
    ],
    [
      'an s3 option',
      { config: { s3: { use_accelerate_endpoint: true } } },
      /use_accelerate_endpoint/,
    ],
    [
      'a count that is none',
      { config: { retries: { max_attempts: -1 } } },
      /max_attempts of its con/,
    ],
    ['a region that is none', { config: { region_name: 5 } }, /its region_name is no text/],
    ['an agent that is none', { config: { user_agent_extra: 5 } }, /its user_agent_extra is no/],
    ['a time that is none', { config: { read_timeout: 'long' } }, /read_timeout of its config/],
  ]

  it.each(cases)('%s', async (_name, fields, message) => {
    const opened = openStore(blockOf(fields), { adapters: [s3Adapter] })
    await expect(opened).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    await expect(opened).rejects.toThrow(message)
  })

  it.each(parameters)('%s', async (_name, values, message) => {
    const block = blockOf({ ...keys, aws_client_parameters: values })
    const opened = openStore(block, { adapters: [s3Adapter] })
    await expect(opened).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    await expect(opened).rejects.toThrow(message)
    await expect(opened).rejects.not.toThrow(/s3cret|blocksecret/)
  })

  it('buckets that are none, and credentials of another block', async () => {
    for (const data of [
      { bucket_name: 'Bad Bucket!' },
      { bucket_name: '' },
      { bucket_name: 'b', bucket_folder: 'nul\0' },
      { bucket_name: 'b', nope: 1 },
      { bucket_name: 'b', credentials: { type: 'gcp-credentials', data: {} } },
    ]) {
      const opened = openStore({ type: 's3-bucket', data }, { adapters: [s3Adapter] })
      await expect(opened).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    }
  })
})

function settingsOf(parameters: object, env: Record<string, string> = {}) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const fields = { ...keys, aws_client_parameters: parameters }
  return resolveSettings(credentialSettings(blockOf({}), fields))
}

describe('parameters of the client', () => {
  it('AWS itself: the host of the region, the bucket in it', () => {
    expect(settingsOf({})).toMatchObject({ endpoint: undefined, forcePathStyle: false })
  })

  it('endpoints, path style, and what of the environment names one', () => {
    const local = 'http://localhost:4311'
    expect(settingsOf({ endpoint_url: `${local}/` })).toMatchObject({
      endpoint: local,
      forcePathStyle: true,
    })
    expect(settingsOf({ endpoint_url: `${local}/sub` }).endpoint).toBe(`${local}/sub`)
    const virtual = { s3: { addressing_style: 'virtual' } }
    expect(settingsOf({ endpoint_url: local, config: virtual }).forcePathStyle).toBe(false)
    expect(settingsOf({ config: { s3: { addressing_style: 'path' } } }).forcePathStyle).toBe(true)
    const env = { AWS_ENDPOINT_URL: local, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' }
    expect(settingsOf({}, env)).toMatchObject({
      endpoint: 'http://127.0.0.1:1',
      forcePathStyle: true,
    })
    expect(settingsOf({ endpoint_url: local }, env).endpoint).toBe(local)
    for (const value of ['true', 'True']) {
      const ignoring = { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: value }
      expect(settingsOf({}, ignoring).endpoint).toBeUndefined()
      expect(settingsOf({ endpoint_url: local }, ignoring).endpoint).toBe(local)
    }
    const heeding = { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: '1' }
    expect(settingsOf({}, heeding).endpoint).toBe('http://127.0.0.1:1')
    expect(() => settingsOf({}, { AWS_ENDPOINT_URL_S3: 'http://169.254.170.2' })).toThrow(
      /AWS_ENDPOINT_URL_S3 leads to/,
    )
  })

  it('use_ssl false is plain http to AWS, warned of, and nothing where an endpoint is set', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    expect(settingsOf({ use_ssl: false })).toMatchObject({
      endpoint: 'http://s3.amazonaws.com',
      forcePathStyle: false,
    })
    expect(warned).toHaveBeenCalledTimes(1)
    expect(settingsOf({ use_ssl: false, endpoint_url: 'https://minio.example' }).endpoint).toBe(
      'https://minio.example',
    )
    warned.mockRestore()
  })

  it("botocore's config, as far as it means something", () => {
    const config = {
      connect_timeout: 3,
      read_timeout: 4,
      retries: { max_attempts: 2, mode: 'adaptive' },
      max_pool_connections: 7,
      user_agent_extra: 'etl',
      request_checksum_calculation: 'when_required',
    }
    expect(settingsOf({ config })).toMatchObject({
      connectTimeoutMs: 3_000,
      readTimeoutMs: 4_000,
      maxAttempts: 3,
      maxSockets: 7,
      client: {
        retryMode: 'adaptive',
        customUserAgent: 'etl',
        requestChecksumCalculation: 'WHEN_REQUIRED',
      },
    })
    expect(settingsOf({ config: { retries: { total_max_attempts: 5 } } }).maxAttempts).toBe(5)
  })

  it('a server other than AWS gets no checksum that S3 has not always had', async () => {
    const store = await openStore(blockOf({ ...keys, ...here() }), { adapters: [s3Adapter] })
    await store.put('k', 'x')
    const names = recorder.seen.flatMap(({ headers }) => Object.keys(headers))
    expect(names.filter((name) => /checksum|trailer/.test(name))).toEqual([])
    expect(recorder.seen[0]?.body).toBe('x')
  })
})

function remote(settings: object): BlockLike {
  return { type: 'remote-file-system', data: { basepath: 's3://vec/base', settings } }
}

describe('a RemoteFileSystem of s3://', () => {
  it.each([
    ['keys and an endpoint', { key: 'k1', secret: 's' }, 'k1', 'us-east-1'],
    ['by their other names', { username: 'k2', password: 's' }, 'k2', 'us-east-1'],
    [
      'in client_kwargs',
      {
        client_kwargs: {
          aws_access_key_id: 'k3',
          aws_secret_access_key: 's',
          region_name: 'eu-west-1',
        },
      },
      'k3',
      'eu-west-1',
    ],
  ])('takes %s', async (_name, settings, key, region) => {
    const request = await requestOf(remote({ ...settings, endpoint_url: endpoint }))
    expect(signedBy(request)).toEqual({ key, region })
    expect(request.url).toBe('/vec/base/exists.txt')
  })

  it('takes the endpoint from client_kwargs, a token, and anon', async () => {
    const kwargs = { client_kwargs: { endpoint_url: endpoint } }
    const request = await requestOf(remote({ key: 'k', secret: 's', token: 't', ...kwargs }))
    expect(request.headers['x-amz-security-token']).toBe('t')
    recorder.seen.length = 0
    const anonymous = await requestOf(remote({ anon: true, ...kwargs }))
    expect(anonymous.headers.authorization).toBeUndefined()
  })

  it.each([
    ['an option of s3fs that means nothing here', { default_block_size: 5 }, /default_block_size/],
    ['half a pair', { key: 'k' }, /it has key but no secret/],
    ['an unknown client option', { client_kwargs: { nope: 1 } }, /field nope of client_kwargs/],
    ['an unknown config', { config_kwargs: { nope: 1 } }, /field nope of config/],
    ['a metadata address', { endpoint_url: 'http://[fd00:ec2::254]' }, /metadata address/],
  ])('refuses %s', async (_name, settings, message) => {
    const opened = openStore(remote(settings), { adapters: [s3Adapter] })
    await expect(opened).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    await expect(opened).rejects.toThrow(message)
  })
})

describe('TLS', () => {
  let tls: Recorder
  let certificate = ''

  beforeAll(async () => {
    certificate = join(folder, 'cert.pem')
    const pem = makeCertificate()
    await writeFile(certificate, pem.slice(0, pem.indexOf('-----BEGIN PRIVATE')))
    tls = await startRecorder({ key: pem, cert: pem })
  })
  afterAll(() => tls.stop())

  const open = (parameters: object) =>
    openStore(
      blockOf({
        ...keys,
        aws_client_parameters: {
          endpoint_url: `https://127.0.0.1:${tls.port}`,
          config: { retries: { max_attempts: 0 } },
          ...parameters,
        },
      }),
      { adapters: [s3Adapter] },
    )

  it('is verified', async () => {
    await expect((await open({})).head('k')).rejects.toMatchObject({ name: 'StoreError' })
    expect(tls.seen).toEqual([])
  })

  it('trusts the certificates that the block or the environment names', async () => {
    await (await open({ verify_cert_path: certificate })).head('k')
    await (await open({ verify: certificate })).head('k')
    vi.stubEnv('AWS_CA_BUNDLE', certificate)
    await (await open({})).head('k')
    expect(tls.seen.length).toBe(3)
  })

  it('can be left unverified, which is warned of', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = await open({ verify: false })
    await store.head('k')
    expect(String(warned.mock.calls[0]?.[0])).toMatch(/not verified/)
    warned.mockRestore()
  })
})

it('credentials follow no redirect to another place', async () => {
  const other = await startRecorder()
  const location = `http://127.0.0.1:${other.port}/stolen`
  recorder.answer = () => ({ status: 307, headers: { location } })
  try {
    const store = await openStore(blockOf({ ...keys, ...here() }), { adapters: [s3Adapter] })
    await expect(store.get('k')).rejects.toMatchObject({ name: 'StoreError' })
    await expect(store.put('k', 'x')).rejects.toMatchObject({ name: 'StoreError' })
    expect(other.seen).toEqual([])
  } finally {
    await other.stop()
  }
})
