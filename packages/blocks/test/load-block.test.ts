import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient, isApiError, isSecret } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { BlockErrorCode } from '../src/index.ts'
import { BlockError, findBlock, loadBlock, registerBlockType } from '../src/index.ts'

const prefix = `t${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })
const options = { client }

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-blocks-'))
  const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url))
  const script = fileURLToPath(new URL('fixtures/save_blocks.py', import.meta.url))
  const env = { ...process.env, PREFECT_API_URL: inject('prefectApiUrl'), PREFECT_HOME: home }
  try {
    await promisify(execFile)(python, [script, prefix], { env })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}, 120_000)

afterAll(() => client.close())

describe('blocks saved by the Python classes', () => {
  it('loads a LocalFileSystem', async () => {
    const block = await loadBlock(`local-file-system/${prefix}-local`, options)
    expect(block.name).toBe(`${prefix}-local`)
    expect(block.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(block.data).toEqual({ basepath: '/srv/willowdata' })
    const empty = await loadBlock(`local-file-system/${prefix}-local-empty`, options)
    expect(empty.data).toEqual({ basepath: null })
  })

  it.each([
    ['text', 'canary-text-secret'],
    ['json', '{"user":"u","password":"canary-json-secret"}'],
    ['digits', '123456'],
    ['number', '654321'],
  ])('loads a Secret: %s', async (name, text) => {
    const block = await loadBlock(`secret/${prefix}-${name}`, options)
    expect(block.data.value.reveal()).toBe(text)
  })

  it('loads an S3Bucket with AwsCredentials by reference', async () => {
    const block = await loadBlock(`s3-bucket/${prefix}-by-reference`, options)
    const { bucket_name: bucket, bucket_folder: folder, credentials } = block.data
    expect([bucket, folder]).toEqual(['by-reference', 'a/b'])
    if (credentials.type !== 'aws-credentials') throw new Error(credentials.type)
    expect(credentials.name).toBe(`${prefix}-aws`)
    expect(credentials.data.aws_access_key_id).toBe('AKIATEST')
    expect(credentials.data.aws_secret_access_key?.reveal()).toBe('canary-aws-secret')
    expect(credentials.data.assume_role_kwargs).toMatchObject({ RoleSessionName: 'etl' })
    const direct = await loadBlock(`aws-credentials/${prefix}-aws`, options)
    expect(credentials).toEqual(direct)
  })

  it('loads an S3Bucket with inline MinIOCredentials', async () => {
    const { credentials } = (await loadBlock(`s3-bucket/${prefix}-inline`, options)).data
    if (credentials.type !== 'minio-credentials') throw new Error(credentials.type)
    expect(credentials.name).toBeUndefined()
    expect(credentials.data.minio_root_password.reveal()).toBe('canary-minio-secret')
    expect(credentials.data.aws_client_parameters.endpoint_url).toBe('http://127.0.0.1:9000')
  })

  it.each(['open', 'orphan'])('loads an S3Bucket without credentials: %s', async (name) => {
    const { credentials } = (await loadBlock(`s3-bucket/${prefix}-${name}`, options)).data
    expect(credentials.type).toBe('aws-credentials')
    expect(credentials).toHaveProperty('data.aws_secret_access_key', null)
  })

  it('loads a custom type raw, with its secrets wrapped', async () => {
    const reference: string = `willowmailserver/${prefix}-mail`
    const block = await loadBlock(reference, options)
    expect(block.type).toBe('willowmailserver')
    const data: { host?: unknown; password?: unknown; headers?: unknown } = Object(block.data)
    expect(data.host).toBe('mail.example')
    if (!isSecret(data.password)) throw new Error('not a secret')
    expect(data.password.reveal()).toBe('canary-custom-secret')
    const token: unknown = Object(data.headers)['x-token']
    if (!isSecret(token)) throw new Error('not a secret')
    expect(token.reveal()).toBe('canary-dict-secret')
  })
})

describe('what cannot be loaded', () => {
  it('tells a missing block from a missing type, and lists near names', async () => {
    const missing = await failure(`local-file-system/${prefix}-lokal`, 'NOT_FOUND')
    expect(missing.message).toContain(`was not found on ${inject('prefectApiUrl')}.`)
    expect(missing.message).toContain(`Near names: "${prefix}-local"`)
    const nothingNear = await failure('secret/qqqqqqqqqqqqqqqqqqqq', 'NOT_FOUND')
    expect(nothingNear.message).toContain('No names come near.')
    // A type of our own: other tests save blocks of Prefect's meanwhile.
    const slug = `${prefix}-unused`
    const { typeId } = await registerBlockType(
      { className: `Unused${prefix}`, slug, fields: { host: { type: 'string' } } },
      { client },
    )
    const none = await failure(`${slug}/x`, 'NOT_FOUND')
    await client.delete('/block_types/{id}', { path: { id: typeId } })
    expect(none.message).toContain(`It has no "${slug}" block at all.`)
    const type = await failure(`s3-buckt/${prefix}-open`, 'TYPE_NOT_FOUND')
    expect(type.message).toContain('the block type "s3-buckt" does not exist')
    expect(type.message).toContain('Near types: "s3-bucket"')
    expect(isApiError(type.cause, 'NOT_FOUND')).toBe(true)
    await failure('secret/what? & 100% #é', 'NOT_FOUND')
  })

  it.each(['', 'willowdata', '/x', 's3-bucket/', 'a/b/c', '../x'])(
    'refuses the name %j',
    async (name) => {
      expect((await failure(name, 'INVALID_NAME')).message).toContain('with one slash between')
    },
  )

  it('finds nothing where there is nothing', async () => {
    expect(await findBlock(`secret/${prefix}-none`, options)).toBeUndefined()
    expect(await findBlock('no-such-type/x', options)).toBeUndefined()
    const found = await findBlock(`secret/${prefix}-text`, options)
    expect(found?.data.value.reveal()).toBe('canary-text-secret')
  })

  it('passes the error of the client on: server down, HTML, aborted', async () => {
    const html = createServer((_, response) => response.end('<html>proxy</html>')).listen(0)
    const address = html.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const web = createClient({ apiUrl: `http://127.0.0.1:${port}/api` })
    const answered = await loadBlock('secret/x', { client: web }).catch((error: unknown) => error)
    await web.close()
    html.close()
    expect(isApiError(answered, 'INVALID_RESPONSE')).toBe(true)

    const down = createClient({ apiUrl: `http://127.0.0.1:${port}/api`, maxRetries: 0 })
    const refused = await loadBlock('secret/x', { client: down }).catch((error: unknown) => error)
    await down.close()
    expect(isApiError(refused, 'CONNECTION_FAILED')).toBe(true)

    const signal = AbortSignal.abort(new Error('enough'))
    const aborted = loadBlock(`secret/${prefix}-text`, { client, signal })
    await expect(aborted).rejects.toThrow('enough')
  })
})

async function failure(reference: string, code: BlockErrorCode): Promise<BlockError> {
  const error: unknown = await loadBlock(reference, options).catch((reason: unknown) => reason)
  if (!(error instanceof BlockError)) throw error
  expect(error.code).toBe(code)
  expect(error.block).toBe(reference)
  expect(error.message).toContain(`"${reference}"`)
  return error
}
