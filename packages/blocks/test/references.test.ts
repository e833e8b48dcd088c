import { randomUUID } from 'node:crypto'
import { createClient, isSecret } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as z from 'zod'
import {
  defineBlock,
  isBlockError,
  loadBlock,
  loadBlockById,
  parseBlock,
  registerBlockType,
} from '../src/index.ts'
import { secretText } from '../src/zod/index.ts'

const suffix = randomUUID().slice(0, 8)
const client = createClient({ apiUrl: inject('prefectApiUrl') })
const options = { client }
const slug: string = `holder-${suffix}`
let ids: { typeId: string; schemaId: string }
let gcpId = ''

/** Saves a block with any data: the server does not check it. */
async function save(data: object, name = `n-${randomUUID().slice(0, 8)}`): Promise<string> {
  const { id } = await client.post('/block_documents/', {
    body: { name, data: { ...data }, block_schema_id: ids.schemaId, block_type_id: ids.typeId },
  })
  return id
}

const refer = (id: string): object => ({ $ref: { block_document_id: id } })

beforeAll(async () => {
  ids = await registerBlockType(
    {
      className: `Holder${suffix}`,
      slug,
      fields: { value: { type: 'any', optional: true }, token: { type: 'secret', optional: true } },
    },
    options,
  )
  const type = await client.get('/block_types/slug/{slug}', { path: { slug: 'gcp-credentials' } })
  const schemas = await client.post('/block_schemas/filter', {
    body: { block_schemas: { block_type_id: { any_: [type.id] } } },
  })
  const document = await client.post('/block_documents/', {
    body: {
      name: `gcp-${suffix}`,
      data: { project: 'p', service_account_info: { private_key: 'canary-key' } },
      block_schema_id: schemas[0]?.id ?? '',
      block_type_id: type.id,
    },
  })
  gcpId = document.id
})

afterAll(async () => {
  await client.delete('/block_types/{id}', { path: { id: ids.typeId } })
  await client.delete('/block_documents/{id}', { path: { id: gcpId } })
  await client.close()
})

describe('references', () => {
  it('are resolved within lists and dicts, each block read once', async () => {
    const inner = await save({ token: 'canary-inner', value: refer(gcpId) })
    const list = [refer(gcpId), { deep: [refer(inner)] }, refer(inner), 'text', null]
    const id = await save({ value: list })
    const block = await loadBlockById(id, options)
    expect(block).toMatchObject({ type: slug, id })
    const value: unknown[] = Object(block.data).value
    expect(value[0]).toMatchObject({ type: 'gcp-credentials', name: `gcp-${suffix}`, id: gcpId })
    expect(value[0]).toHaveProperty('data.project', 'p')
    expect(value[1]).toHaveProperty('deep.0.data.value.data.project', 'p')
    expect(Object(value[1]).deep[0]).toBe(value[2])
    expect(value.slice(3)).toEqual(['text', null])
    const token: unknown = Object(value[2]).data.token
    expect(isSecret(token) && token.reveal()).toBe('canary-inner')
    expect(JSON.stringify(block)).not.toContain('canary')
  })

  it('that lead back to a block around them stay references', async () => {
    const outer = await save({})
    const inner = await save({ value: [refer(outer), refer(gcpId)] })
    await client.patch('/block_documents/{id}', {
      path: { id: outer },
      body: { data: { value: { inner: refer(inner), itself: [refer(outer)] } } },
    })
    const block = await loadBlockById(outer, options)
    expect(block).toHaveProperty('data.value.itself', [refer(outer)])
    expect(block).toHaveProperty('data.value.inner.data.value.0', refer(outer))
    expect(block).toHaveProperty('data.value.inner.data.value.1.data.project', 'p')
  })

  it('go 50 levels deep, and no further', async () => {
    let id = gcpId
    const chain: string[] = []
    for (let level = 0; level < 51; level++) {
      // oxlint-disable-next-line no-await-in-loop -- each refers to the one before
      id = await save({ value: [refer(id)] })
      chain.push(id)
    }
    let block: unknown = await loadBlockById(chain[49] ?? '', options)
    let levels = 0
    while (Object(block).type === slug) {
      block = Object(block).data.value[0]
      levels += 1
    }
    expect([levels, Object(block).type]).toEqual([50, 'gcp-credentials'])
    const deeper = loadBlockById(chain[50] ?? '', options)
    await expect(deeper).rejects.toMatchObject({ name: 'BlockError', code: 'INVALID_DATA' })
    await expect(deeper).rejects.toThrow('more than 50 levels')
  })

  it('of many widths are read in a few requests, and a diamond is no explosion', async () => {
    let pair = [await save({}), await save({})]
    for (let level = 0; level < 20; level++) {
      const data = { value: pair.map(refer) }
      // oxlint-disable-next-line no-await-in-loop -- each level refers to the one before
      pair = [await save(data), await save(data)]
    }
    const block = await loadBlockById(pair[0] ?? '', options)
    expect(block).toHaveProperty('data.value.1.data.value.0.data.value.1')
  })

  it('to a block that is gone name their place', async () => {
    const gone = randomUUID()
    const id = await save({ value: { list: [refer(gone)] } }, `gone-${suffix}`)
    const error: unknown = await loadBlockById(id, options).catch((reason: unknown) => reason)
    expect(isBlockError(error, 'NOT_FOUND')).toBe(true)
    expect(error).toHaveProperty(
      'message',
      expect.stringContaining(`field "value.list.0" refers to the block document "${gone}"`),
    )
    const wrong = await save({ value: [refer('no-id')] })
    await expect(loadBlockById(wrong, options)).rejects.toMatchObject({ code: 'REJECTED' })
  })

  it('in a field of a known type are resolved, with the rules of that type', async () => {
    const holder = await save({
      value: { block_type_slug: 'gcs-bucket', bucket: 'b', gcp_credentials: refer(gcpId) },
    })
    const block = await loadBlockById(holder, options)
    expect(block).toHaveProperty('data.value.data.gcp_credentials.id', gcpId)
    const other = await save({
      value: { block_type_slug: 's3-bucket', bucket_name: 'b', credentials: refer(gcpId) },
    })
    await expect(loadBlockById(other, options)).rejects.toThrow(
      'field "value.credentials" should be a block of type "aws-credentials" or "minio-credentials", found a block of type "gcp-credentials"',
    )
  })
})

describe('loadBlockById', () => {
  it('says what is wrong with an id', async () => {
    const none = randomUUID()
    await expect(loadBlockById(none, options)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      block: none,
    })
    const name = loadBlockById('s3-bucket/x', options)
    await expect(name).rejects.toMatchObject({ name: 'BlockError', code: 'INVALID_NAME' })
    await expect(name).rejects.toThrow('A name goes to loadBlock')
  })
})

describe('defineBlock', () => {
  const holder = defineBlock({
    slug,
    schema: z.object({
      value: z.object({ host: z.string(), port: z.number().default(25) }),
      token: secretText,
    }),
  })

  it('checks and types a custom block, nested ones included', async () => {
    const name = `mail-${suffix}`
    const id = await save({ value: { host: 'mail.example' }, token: 'canary-token' }, name)
    const { data } = (await loadBlock(`${slug}/${name}`, { client, types: [holder] })) as {
      data: unknown
    }
    expect(data).toMatchObject({ value: { host: 'mail.example', port: 25 } })
    const outer = await parseBlock(
      {
        type: 'other',
        data: { inner: { block_type_slug: slug, value: { host: 'h' }, token: 'canary-2' } },
      },
      { types: [holder] },
    )
    expect(outer).toHaveProperty('data.inner', expect.objectContaining({ type: slug }))
    expect(JSON.stringify(outer)).not.toContain('canary')
    const byId = await loadBlockById(id, { client, types: [holder] })
    if (byId.type !== slug) throw new Error(byId.type)
    expect(Object(byId.data).token.reveal()).toBe('canary-token')
  })

  it('names block and field of what does not fit, and never a value', async () => {
    const name = `bad-${suffix}`
    await save({ value: { host: 5, canary: 'canary-value' }, token: 'canary-token-2' }, name)
    const error: unknown = await loadBlock(`${slug}/${name}`, { client, types: [holder] }).catch(
      (reason: unknown) => reason,
    )
    expect(isBlockError(error, 'INVALID_DATA')).toBe(true)
    expect(error).toHaveProperty(
      'message',
      expect.stringContaining(`Block "${slug}/${name}": field "value.host": `),
    )
    expect(`${Object(error).stack}`).not.toContain('canary')
  })

  it('takes the place of a known type', async () => {
    const strict = defineBlock({
      slug: 'local-file-system',
      schema: z.object({ basepath: z.string() }),
    })
    const source = { type: 'local-file-system', data: {} } as const
    await expect(parseBlock(source, { types: [strict] })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    })
    expect((await parseBlock(source)).data).toEqual({ basepath: null })
  })

  it('refuses a slug that Prefect could not have', () => {
    expect(() => defineBlock({ slug: 'Mail Server', schema: z.object({}) })).toThrow(
      'small letters',
    )
  })
})
