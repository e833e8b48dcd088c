import type { Client } from '@prefect-ts/api'
import { isApiError } from '@prefect-ts/api'
import type { BlockTypeDefinition } from './block-type-definition.ts'
import type { NestedSchema } from './block-type-schema.ts'
import { blockTypeSchema, nestedSlugs, slugOf } from './block-type-schema.ts'
import { BlockError } from './errors.ts'
import type { RegisterBlockTypeOptions, RegisteredBlockType } from './manage.ts'
import { refusal } from './refusal.ts'
import { schemaChecksum } from './schema-checksum.ts'
import type { Asking, ServerBlockType } from './server-types.ts'
import { findBlockType, newestSchema } from './server-types.ts'

const noVersion = 'non-versioned'

export async function registerBlockType(
  definition: BlockTypeDefinition,
  options: RegisterBlockTypeOptions,
): Promise<RegisteredBlockType> {
  const { client, signal } = options
  const slug = slugOf(definition)
  const { version = noVersion, capabilities = [] } = definition
  const fields = blockTypeSchema(definition, await readNested(definition, slug, options))
  const checksum = schemaChecksum(fields)
  try {
    const type = await registerType(definition, slug, options)
    const schema =
      (await findSchema(client, checksum, version, signal)) ??
      (await client.post('/block_schemas/', {
        body: { fields, block_type_id: type.id, capabilities: [...capabilities], version },
        signal,
      }))
    return { type: slug, typeId: type.id, schemaId: schema.id, checksum: schema.checksum }
  } catch (error) {
    throw refusal(error, `Block type "${slug}" could not be registered`, slug)
  }
}

async function readNested(
  definition: BlockTypeDefinition,
  block: string,
  asking: Asking,
): Promise<Map<string, NestedSchema>> {
  const found = new Map<string, NestedSchema>()
  for (const slug of nestedSlugs(definition)) {
    // oxlint-disable-next-line no-await-in-loop -- one or two types
    const type = await findBlockType(slug, asking)
    // oxlint-disable-next-line no-await-in-loop
    const schema = type && (await newestSchema(type.id, asking))
    if (schema?.fields === undefined) {
      throw new BlockError(
        `Block type "${block}": the block type "${slug}" that it nests does not exist on the server. ` +
          'Register that one first.',
        { code: 'TYPE_NOT_FOUND', block },
      )
    }
    found.set(slug, { slug, checksum: schema.checksum, fields: schema.fields })
  }
  return found
}

async function registerType(
  definition: BlockTypeDefinition,
  slug: string,
  asking: Asking,
): Promise<ServerBlockType> {
  const { client, signal } = asking
  const shown = {
    logo_url: definition.logoUrl,
    documentation_url: definition.documentationUrl,
    description: definition.description,
    code_example: definition.codeExample,
  }
  const existing = await findBlockType(slug, asking)
  if (existing === undefined) {
    const name = definition.name ?? definition.className
    try {
      return await client.post('/block_types/', { body: { name, slug, ...shown }, signal })
    } catch (error) {
      // Another process registered it meanwhile.
      const other = isApiError(error, 'CONFLICT') && (await findBlockType(slug, asking))
      if (!other) throw error
      return other
    }
  }
  const changed = Object.entries(shown).some(
    ([key, value]) => value !== undefined && value !== existing[key as keyof typeof shown],
  )
  if (changed) {
    await client.patch('/block_types/{id}', { path: { id: existing.id }, body: shown, signal })
  }
  return existing
}

async function findSchema(
  client: Client,
  checksum: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<{ id: string; checksum: string } | undefined> {
  try {
    const path = { checksum }
    return await client.get('/block_schemas/checksum/{checksum}', {
      path,
      query: { version },
      signal,
    })
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
