import { randomUUID } from 'node:crypto'
import { createClient, isSecret } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { blockTypeSchema } from '../src/block-type-schema.ts'
import type { Block, RegisteredBlockType } from '../src/index.ts'
import { isBlockError, loadBlock, registerBlockType, saveBlock } from '../src/index.ts'
import { pythonFloat, pythonJson } from '../src/python-json.ts'
import { schemaChecksum } from '../src/schema-checksum.ts'
import { courier, mailServer, plain } from './fixtures/custom-types.ts'
import { runPython } from './python.ts'

const prefix = `t${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })
const options = { client }

interface Answer {
  types: Record<string, { checksum: string; fields: object; schemaId: string }>
  mail: object
  courier: { either_id: string }
}

afterAll(() => client.close())

describe('a type that both sides define', () => {
  const registered: RegisteredBlockType[] = []
  const mail = {
    host: 'ts.example',
    password: 'canary-ts-mail',
    must_say: 'this',
    mode: 'tls',
    headers: { 'x-token': 'canary-ts-header' },
    proxy: { host: 'p', password: 'canary-ts-proxy' },
  }
  let minio: Block<'minio-credentials'>
  let python: Answer

  beforeAll(async () => {
    for (const definition of [mailServer, courier, plain]) {
      // oxlint-disable-next-line no-await-in-loop -- one nests the other
      registered.push(await registerBlockType(definition, options))
    }
    const minioData = { minio_root_user: 'm', minio_root_password: 'canary-ts-minio' }
    const name = `${prefix}-from-typescript`
    minio = await saveBlock(
      { type: 'minio-credentials', name: `${prefix}-minio`, data: minioData },
      options,
    )
    await saveBlock({ type: 'mail-server-typescript', name, data: mail }, options)
    const aws = { type: 'aws-credentials', data: { aws_secret_access_key: 'canary-ts-aws' } }
    const data = {
      either: minio,
      all_of_them: [aws],
      servers: { main: { type: 'mail-server-typescript', data: mail } },
    }
    await saveBlock({ type: 'courier', name, data }, options)
    python = await runPython('custom_types.py', [prefix])
  }, 120_000)

  it('has the checksum of the Python class, and its schema is the one that Python uses', () => {
    for (const { type, checksum, schemaId } of registered) {
      expect({ type, checksum, schemaId }).toEqual({
        type,
        checksum: python.types[type]?.checksum,
        schemaId: python.types[type]?.schemaId,
      })
    }
    const ours: unknown = JSON.parse(JSON.stringify(blockTypeSchema(mailServer)))
    expect(ours).toEqual(python.types['mail-server-typescript']?.fields)
  })

  it('computes the checksums of real Python classes from their schemas', () => {
    const { fields } = python.types['courier'] ?? { fields: {} }
    expect(schemaChecksum(fields as never)).toBe(python.types['courier']?.checksum)
  })

  it('can be registered again', async () => {
    const again = await registerBlockType(
      { ...mailServer, logoUrl: 'https://a.example/l' },
      options,
    )
    expect(again).toEqual(registered[0])
    const path = { slug: 'mail-server-typescript' }
    const type = await client.get('/block_types/slug/{slug}', { path })
    expect(type.logo_url).toBe('https://a.example/l')
    expect(type.name).toBe('Mail Server (TypeScript)')
  })

  it('is loaded by Python', () => {
    const shown = {
      class: 'MailServer',
      host: 'ts.example',
      mode: 'tls',
      password: 'canary-ts-mail',
      headers: { 'x-token': 'canary-ts-header' },
      proxy: ['p', 'canary-ts-proxy'],
      ratio: 1,
    }
    expect(python.mail).toEqual(shown)
    expect(python.courier).toEqual({
      either: 'canary-ts-minio',
      either_id: minio.id,
      all_of_them: ['canary-ts-aws'],
      servers: { main: shown },
    })
  })

  it('is loaded from Python, secrets by the schema', async () => {
    const reference: string = `mail-server-typescript/${prefix}-from-python`
    const { data } = (await loadBlock(reference, options)) as Block
    expect(data['host']).toBe('python.example')
    const { headers, proxy } = data as Record<string, Record<string, unknown>>
    for (const [secret, value] of [
      [data['password'], 'canary-python-mail'],
      [headers?.['x-token'], 'canary-python-header'],
      [proxy?.['password'], 'canary-python-proxy'],
    ]) {
      expect(isSecret(secret) && secret.reveal()).toBe(value)
    }
  })
})

describe('a definition', () => {
  it('cannot make a secret public by its default', async () => {
    const fields = { password: { type: 'secret', default: 'canary-default' } } as const
    const error: unknown = await registerBlockType({ className: 'Bad', fields }, options).catch(
      (reason: unknown) => reason,
    )
    expect(isBlockError(error, 'INVALID_DEFINITION')).toBe(true)
    expect(String(error)).not.toContain('canary')
  })

  it('cannot nest what is not there', async () => {
    const fields = { other: { type: 'block', blocks: ['no-such-type'] } } as const
    const error: unknown = await registerBlockType({ className: 'Bad', fields }, options).catch(
      (reason: unknown) => reason,
    )
    expect(isBlockError(error, 'TYPE_NOT_FOUND')).toBe(true)
    expect(String(error)).toContain('Register that one first')
  })

  it('is refused with the words of the server', async () => {
    const error: unknown = await registerBlockType(
      { className: 'Bad', slug: 'No Slug', fields: {} },
      options,
    ).catch((reason: unknown) => reason)
    expect(isBlockError(error, 'REJECTED')).toBe(true)
    expect(String(error)).toContain('slug')
  })
})

// What `json.dumps` of Python 3.11 writes.
it.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [-2.5, '-2.5'],
  [0.0001, '0.0001'],
  [0.000_01, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.234_567_89e22, '1.23456789e+22'],
  [1e-300, '1e-300'],
  [0.1 + 0.2, '0.30000000000000004'],
])('writes the float %d as Python does', (value, text) => {
  expect(pythonJson(pythonFloat(value))).toBe(text)
})

it('writes JSON as Python does', () => {
  const value = { '\u{1D11E}': 1, '\uFF5E': ['é', '\u007F', '"\\/\n', null, true], a: { b: {} } }
  expect(pythonJson(value)).toBe(
    String.raw`{"a": {"b": {}}, "\uff5e": ["\u00e9", "\u007f", "\"\\/\n", null, true], "\ud834\udd1e": 1}`,
  )
})
