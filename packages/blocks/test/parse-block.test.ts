import { createSecret, isSecret } from '@prefect-ts/api'
import { describe, expect, it } from 'vitest'
import { isBlockError, parseBlock } from '../src/index.ts'
import { createLocalBlocks } from '../src/local.ts'
import { fixture } from './fixtures.ts'

/** The error of a promise that must reject. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof Error) return error
  throw new Error('The promise did not reject')
}

describe('data that no document has', () => {
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic['self'] = [cyclic]
  let deep: object = {}
  for (let level = 0; level < 20_000; level++) deep = { deep }

  it.each(['custom', 'secret', 'json', 's3-bucket'])(
    '%s that holds itself, or is too deep',
    async (type) => {
      const field = type === 's3-bucket' ? 'credentials' : 'value'
      const parse = (value: unknown): Promise<unknown> =>
        parseBlock({ type, data: { [field]: value } })
      expect(await errorOf(parse(cyclic))).toMatchObject({
        code: 'INVALID_DATA',
        message: `Block "${type}": field "${field}.self.0" holds itself.`,
      })
      expect((await errorOf(parse(deep))).message).toContain('is nested deeper than 1000 levels')
    },
  )

  it.each<unknown>([undefined, null, 5, {}])('the reference %s', async (reference) => {
    const error = await errorOf(createLocalBlocks({ env: {} }).load(reference as string))
    expect(error).toMatchObject({ code: 'INVALID_NAME' })
  })
})

describe('documents of the API', () => {
  it('reads local-file-system', async () => {
    const block = await parseBlock(fixture('local-file-system.secrets'))
    expect(block).toEqual({
      type: 'local-file-system',
      name: 'rt-lfs',
      id: fixture('local-file-system.secrets').id,
      data: { basepath: '/srv/willowdata' },
    })
  })

  it('reads aws-credentials with its secret wrapped', async () => {
    const block = await parseBlock(fixture('aws-credentials.secrets'))
    if (block.type !== 'aws-credentials') throw new Error('type')
    const { aws_secret_access_key: secret, ...rest } = block.data
    expect(secret?.reveal()).toBe('fakesecret')
    const { aws_secret_access_key: _, ...plain } = fieldsOf('aws-credentials.secrets')
    expect(rest).toEqual(plain)
  })

  it('reads minio-credentials', async () => {
    const block = await parseBlock(fixture('minio-credentials.secrets'))
    if (block.type !== 'minio-credentials') throw new Error('type')
    expect(block.data.minio_root_user).toBe('minio')
    expect(block.data.minio_root_password.reveal()).toBe('minio123')
    expect(block.data.aws_client_parameters.endpoint_url).toBe('http://127.0.0.1:9000')
    expect(block.data.aws_client_parameters.use_ssl).toBe(true)
  })

  it.each([
    ['secret.secrets', 'hunter2'],
    ['secret.numeric-string.secrets', '123'],
    ['secret.json-value.secrets', '{"a":1,"b":["x"]}'],
    // The server gives a JSON object in clear even when not asked for secrets.
    ['secret.json-value.obfuscated', '{"a":1,"b":["x"]}'],
  ])('reads %s', async (name, text) => {
    const block = await parseBlock(fixture(name))
    if (block.type !== 'secret') throw new Error('type')
    expect(block.data.value.reveal()).toBe(text)
  })

  it.each([
    ['s3-bucket.nested-aws-credentials.secrets', 'aws-credentials', 'rt-aws'],
    ['s3-bucket.nested-minio-credentials.secrets', 'minio-credentials', 'rt-minio'],
    ['s3-bucket.inline-aws-credentials.secrets', 'aws-credentials', undefined],
    ['s3-bucket.inline-minio-credentials.secrets', 'minio-credentials', undefined],
  ])('reads %s', async (name, type, nestedName) => {
    const block = await parseBlock(fixture(name))
    if (block.type !== 's3-bucket') throw new Error('type')
    const { credentials } = block.data
    expect(credentials.type).toBe(type)
    expect(credentials.name).toBe(nestedName)
    expect(credentials.id === undefined).toBe(nestedName === undefined)
    expect(credentials.data).not.toHaveProperty('block_type_slug')
    const secret =
      credentials.type === 'aws-credentials'
        ? credentials.data.aws_secret_access_key
        : credentials.data.minio_root_password
    expect(['fakesecret', 'inlinesecret', 'minio123']).toContain(secret?.reveal())
  })

  it('takes the reference slug over the inline slug, and both over the shape', async () => {
    const document = fixture('s3-bucket.nested-minio-credentials.secrets')
    const data = fieldsOf('s3-bucket.nested-minio-credentials.secrets')
    const credentials = { ...data['credentials'], block_type_slug: 'aws-credentials' }
    const byReference = await parseBlock({ ...document, data: { ...data, credentials } })
    const bySlug = await parseBlock({
      ...document,
      data: { ...data, credentials: { region_name: 'x', block_type_slug: 'aws-credentials' } },
      block_document_references: {},
    })
    const byShape = await parseBlock({ ...document, data, block_document_references: {} })
    expect(byReference).toHaveProperty('data.credentials.type', 'minio-credentials')
    expect(bySlug).toHaveProperty('data.credentials.type', 'aws-credentials')
    expect(byShape).toHaveProperty('data.credentials.type', 'minio-credentials')
  })

  it('keeps unknown fields and fills in missing ones', async () => {
    const document = fixture('aws-credentials.secrets')
    const block = await parseBlock({
      ...document,
      data: { region_name: 'eu-west-1', new_in_9: [1] },
    })
    expect(block.data).toEqual({
      aws_access_key_id: null,
      aws_secret_access_key: null,
      aws_session_token: null,
      profile_name: null,
      region_name: 'eu-west-1',
      aws_client_parameters: {
        api_version: null,
        use_ssl: true,
        verify: null,
        verify_cert_path: null,
        endpoint_url: null,
        config: null,
      },
      assume_role_arn: null,
      assume_role_kwargs: expect.objectContaining({ RoleSessionName: null, PolicyArns: null }),
      new_in_9: [1],
    })
  })

  it('wraps a new secret field, and leaves one that the type has as text', async () => {
    const block = await parseBlock({
      ...fixture('aws-credentials.secrets'),
      data: { aws_session_token: 'token-1234', extra: { pin: 'pin-1234' } },
      block_schema: { fields: { secret_fields: ['aws_session_token', 'extra.pin'] } },
    })
    expect(block).toHaveProperty('data.aws_session_token', 'token-1234')
    expect(revealAt(block.data, 'extra', 'pin')).toBe('pin-1234')
  })
})

describe('types this package does not know', () => {
  it('keeps the data and wraps named, nested and wildcard secret fields', async () => {
    const document = fixture('gcs-bucket.nested-gcp-credentials.secrets')
    const block = await parseBlock({ ...document, block_type: { slug: 'my-bucket' } })
    expect(block.type).toBe('my-bucket')
    expect(block).toHaveProperty('data.bucket', 'gbk')
    expect(block).toHaveProperty('data.gcp_credentials.type', 'gcp-credentials')
    expect(block).toHaveProperty('data.gcp_credentials.data.project', 'p')
    const info = fieldsOf('gcs-bucket.nested-gcp-credentials.secrets')['gcp_credentials']
    for (const [key, value] of Object.entries(Object(info).service_account_info)) {
      expect(revealAt(block.data, 'gcp_credentials', 'data', 'service_account_info', key)).toBe(
        value,
      )
    }
    const smb = await parseBlock({ ...fixture('smb.secrets'), block_type: { slug: 'my-smb' } })
    expect(revealAt(smb.data, 'smb_password')).toBe('pw')
    expect(smb).toHaveProperty('data.smb_port', null)
  })

  it('wraps inside lists, whole values under a wildcard, and other JSON as its text', async () => {
    const block = await parseBlock({
      block_type: { slug: 'custom' },
      block_schema: { fields: { secret_fields: ['list.token', 'all.*', 'pin', 'none', 'absent'] } },
      data: {
        list: [{ token: 'token-1' }, { token: null }],
        all: { deep: { er: 'deeper-1' }, many: ['many-1'] },
        pin: 1234,
        none: null,
      },
    })
    expect(revealAt(block.data, 'list', '0', 'token')).toBe('token-1')
    expect(revealAt(block.data, 'all', 'deep', 'er')).toBe('deeper-1')
    expect(revealAt(block.data, 'all', 'many')).toBe('["many-1"]')
    expect(revealAt(block.data, 'pin')).toBe('1234')
    expect(block).toHaveProperty('data.none', null)
    expect(block.data).not.toHaveProperty('absent')
  })

  it('makes blocks of what is marked as one, at any depth', async () => {
    const gcp = { project: 'p', service_account_info: { key: 'canary-key' } }
    const marked = { block_type_slug: 'gcp-credentials', ...gcp }
    const reference = { $ref: { block_document_id: 'some-id' } }
    const block = await parseBlock({
      type: 'custom',
      data: { one: marked, list: [{ deep: { marked } }], reference, gcp },
    })
    for (const path of ['one', 'list.0.deep.marked']) {
      expect(block).toHaveProperty(`data.${path}.type`, 'gcp-credentials')
      const keys = [...path.split('.'), 'data', 'service_account_info', 'key']
      expect(revealAt(block.data, ...keys)).toBe('canary-key')
    }
    // Without a server a reference stays one, and unmarked data is data.
    expect(block.data['reference']).toEqual(reference)
    expect(block.data['gcp']).toEqual(gcp)
  })
})

describe('objects written by hand', () => {
  it('takes plain strings as secrets and nested blocks in three forms', async () => {
    const minio = { minio_root_user: 'minio', minio_root_password: 'minio-password' }
    const forms = [
      { type: 'minio-credentials', data: minio },
      { ...minio, block_type_slug: 'minio-credentials' },
      minio,
    ]
    for (const credentials of forms) {
      // oxlint-disable-next-line no-await-in-loop -- three small parses
      const block = await parseBlock({
        type: 's3-bucket',
        name: 'hand',
        data: { bucket_name: 'b', credentials },
      })
      expect(block.name).toBe('hand')
      expect(block.id).toBeUndefined()
      expect(block.data.bucket_folder).toBe('')
      const nested = block.data.credentials
      if (nested.type !== 'minio-credentials') throw new Error(nested.type)
      expect(nested.data.minio_root_password.reveal()).toBe('minio-password')
    }
  })

  it('reads a parsed block again to the same block', async () => {
    const block = await parseBlock(fixture('s3-bucket.nested-aws-credentials.secrets'))
    if (block.type !== 's3-bucket') throw new Error('type')
    expect(await parseBlock(block)).toEqual(block)
  })

  it('fills in empty aws-credentials for a bucket without any', async () => {
    for (const data of [{ bucket_name: 'b' }, { bucket_name: 'b', credentials: null }]) {
      // oxlint-disable-next-line no-await-in-loop -- two small parses
      const { credentials } = (await parseBlock({ type: 's3-bucket', data })).data
      expect(credentials.type).toBe('aws-credentials')
      expect(credentials).toHaveProperty('data.aws_secret_access_key', null)
      expect(credentials).toHaveProperty('data.aws_client_parameters.use_ssl', true)
    }
  })
})

describe('errors', () => {
  const aws = { aws_secret_access_key: { canary: 'canary-value' } }
  it.each([
    [{ basepath: 7 }, 'local-file-system', 'field "basepath" should be a string, found a number.'],
    [{}, 's3-bucket', 'field "bucket_name" should be a string, found nothing.'],
    [{ value: undefined }, 'secret', 'field "value" should be any JSON value, found nothing.'],
    [aws, 'aws-credentials', '"aws_secret_access_key" should be a secret string, found an object.'],
    [
      { bucket_name: 'b', credentials: { aws_client_parameters: { use_ssl: 'canary-value' } } },
      's3-bucket',
      'field "credentials.aws_client_parameters.use_ssl" should be a boolean, found a string.',
    ],
    [
      { bucket_name: 'b', credentials: { type: 'gcp-credentials', data: {} } },
      's3-bucket',
      'type "aws-credentials" or "minio-credentials", found a block of type "gcp-credentials".',
    ],
    [
      { bucket_name: 'b', credentials: { $ref: { block_document_id: 'canary-value' } } },
      's3-bucket',
      'found an object of another shape.',
    ],
    [{ bucket_name: 'b', credentials: 'canary-value' }, 's3-bucket', 'found a string.'],
    [{ bucket_name: 'b', credentials: createSecret('canary-value') }, 's3-bucket', 'a secret.'],
    [{ aws_client_parameters: createSecret('{}') }, 'aws-credentials', 'found a secret.'],
  ])('%j as %s', async (data, type, message) => {
    const error = await errorOf(parseBlock({ type, name: 'x', data }))
    expect(isBlockError(error, 'INVALID_DATA')).toBe(true)
    expect(error).toHaveProperty('block', `${type}/x`)
    expect(error.message).toContain(message)
    expect(`${error.stack}`).not.toContain('canary-value')
  })

  it.each([
    ['aws-credentials', 'aws_secret_access_key'],
    ['minio-credentials', 'minio_root_password'],
    ['secret', 'value'],
    ['s3-bucket.inline-aws-credentials', 'credentials.aws_secret_access_key'],
    ['s3-bucket.nested-minio-credentials', 'credentials.minio_root_password'],
    ['gcs-bucket.nested-gcp-credentials', 'gcp_credentials.service_account_info.type'],
    ['smb', 'smb_username'],
  ])('%s obfuscated', async (name, field) => {
    const error = await errorOf(parseBlock(fixture(`${name}.obfuscated`)))
    expect(isBlockError(error, 'OBFUSCATED')).toBe(true)
    expect(error.message).toContain(`field "${field}" holds ********`)
    expect(error.message).toContain('include_secrets=true')
  })

  it('refuses what is neither document nor object', async () => {
    for (const text of ['{"data":{"a":1}}', '{"type":"secret"}', 'null', '[]', '"x"']) {
      // oxlint-disable-next-line no-await-in-loop -- small parses
      const error = await errorOf(parseBlock(JSON.parse(text)))
      expect(isBlockError(error, 'INVALID_DATA')).toBe(true)
      expect(isBlockError(error, 'NOT_FOUND')).toBe(false)
    }
  })
})

function fieldsOf(name: string): Record<string, object> {
  return Object({ ...fixture(name).data })
}

function revealAt(data: unknown, ...path: string[]): unknown {
  const value = path.reduce<unknown>((inner, key) => Object(inner)[key], data)
  return isSecret(value) ? value.reveal() : `not a secret: ${typeof value}`
}
