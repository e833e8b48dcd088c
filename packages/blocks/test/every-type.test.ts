import { randomUUID } from 'node:crypto'
import { createClient, isSecret } from '@prefect-ts/api'
import { afterAll, describe, expect, inject, it } from 'vitest'
import type { ZodType } from 'zod'
import { describeDrift, loadBlock, parseBlock } from '../src/index.ts'
import type { FieldType, SchemaField } from '../src/schema-fields.ts'
import { schemaFields } from '../src/schema-fields.ts'
import { findBlockType, newestSchema } from '../src/server-types.ts'
import { knownFields } from '../src/types/known-fields.ts'
import * as zodSchemas from '../src/zod/index.ts'

const prefix = `every-${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })
const legacy = ['date-time', 'json', 'string']
const slugs = Object.keys(knownFields).filter((slug) => !legacy.includes(slug))

afterAll(() => client.close())

describe.each(slugs)('%s', (slug) => {
  it('loads with every field filled, each secret as a Secret', async () => {
    const { name, fields, data } = await save(slug, 'full', () => true)
    const block = await loadBlock(`${slug}/${name}`, { client })
    expect(block.type).toBe(slug)
    expect(Object.keys(data)).toEqual(Object.keys(fields))
    expect(saved(block.data)).toEqual(data)
    expect(JSON.stringify(block)).not.toContain('canary')
    expect(schemaOf(slug).parse(block.data)).toEqual(block.data)
    expect((await describeDrift(block, { client })).drifts).toEqual([])
  })

  it('loads with nothing but what is required, the rest at its default', async () => {
    const { name, fields } = await save(slug, 'minimal', (field) => field.required)
    const block = await loadBlock(`${slug}/${name}`, { client })
    const missing = Object.keys(fields).filter((field) => Object(block.data)[field] === undefined)
    expect(missing).toEqual([])
    const defaults = Object.entries(fields).filter(([, { default: given }]) => given !== undefined)
    expect(block.data).toMatchObject(
      Object.fromEntries(defaults.map(([field, { default: given }]) => [field, given])),
    )
    expect(schemaOf(slug).parse(block.data)).toEqual(block.data)
  })
})

it.each([
  ['string', 'hi'],
  ['date-time', '2024-01-31T12:00:00+00:00'],
  ['json', { a: [1, null] }],
])('the legacy type %s loads', async (slug, value) => {
  const document = { name: 'old', block_type: { slug }, data: { value }, block_schema: {} }
  expect((await parseBlock(document)).data).toEqual({ value })
  expect(schemaOf(slug).parse({ value })).toEqual({ value })
})

function schemaOf(slug: string): ZodType {
  const name = `${slug.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Schema`
  const schemas: Readonly<Record<string, unknown>> = zodSchemas
  return schemas[name] as ZodType
}

interface Saved {
  readonly id: string
  readonly name: string
  readonly fields: Record<string, SchemaField>
  readonly data: Record<string, unknown>
}

/** Saves a block by the server's newest schema of its type, as its pages would: no Python class is needed. */
async function save(
  slug: string,
  kind: string,
  isFilled: (field: SchemaField) => boolean,
): Promise<Saved> {
  const type = await findBlockType(slug, { client })
  const schema = type && (await newestSchema(type.id, { client }))
  if (type === undefined || schema === undefined) throw new Error(`${slug} has no schema`)
  const fields = schemaFields(slug, Object(schema.fields))
  const data: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    // oxlint-disable-next-line no-await-in-loop -- a nested block is saved first
    if (isFilled(field)) data[name] = await sample(field.type, `${slug}-${name}`)
  }
  const name = `${prefix}-${kind}-${randomUUID().slice(0, 4)}`
  const body = { name, data, block_schema_id: schema.id, block_type_id: type.id }
  const { id } = await client.post('/block_documents/', { body })
  return { id, name, fields, data }
}

async function sample(type: FieldType, label: string): Promise<unknown> {
  switch (type.kind) {
    case 'block': {
      const slug = type.slugs.at(-1) ?? ''
      const { id } = await save(slug, 'nested', (field) => field.required)
      return { $ref: { block_document_id: id } }
    }
    case 'literal':
      return type.values.at(-1)
    case 'union':
      return await sample(type.members.at(-1) ?? { kind: 'any' }, label)
    case 'list':
      return [await sample(type.item, label)]
    case 'record':
      return { name: await sample(type.item, label) }
    case 'object': {
      const entries = Object.entries(type.fields).map(async ([name, field]) => [
        name,
        await sample(field.type, `${label}-${name}`),
      ])
      return Object.fromEntries(await Promise.all(entries))
    }
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return 7
    case 'fields':
      return { any: ['thing'] }
    case 'secret-dict':
      return { name: `canary-${label}`, deep: { er: `canary-deeper-${label}` }, none: null }
    case 'settings':
      return { secret: `canary-${label}`, url: `s3://u:canary-${label}@h`, anon: true, n: 1 }
    case 'url':
      return `https://me:canary-${label}@willow.example/x`
    case 'secret':
    case 'secret-json':
      return `canary-${label}`
    default:
      return `text of ${label}`
  }
}

/** What was saved: secrets as they are, blocks as references. */
function saved(value: unknown): unknown {
  if (isSecret(value)) return value.reveal()
  if (Array.isArray(value)) return value.map(saved)
  if (typeof value !== 'object' || value === null) return value
  if ('type' in value && 'data' in value && 'id' in value) {
    return { $ref: { block_document_id: value.id } }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, saved(inner)]))
}
