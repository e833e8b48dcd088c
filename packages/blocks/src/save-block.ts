import type { Schemas } from '@prefect-ts/api'
import { isApiError, isSecret } from '@prefect-ts/api'
import type { AnyBlock } from './block.ts'
import { checkData } from './check-data.ts'
import type { BlockObject, Fields } from './document.ts'
import { blockLabel, isFields } from './document.ts'
import { BlockError } from './errors.ts'
import { parseReference } from './load-block.ts'
import type { SaveBlockOptions } from './manage.ts'
import { typeNotFound } from './not-found.ts'
import { parseBlock } from './parse-block.ts'
import { refusal } from './refusal.ts'
import type { Place } from './secret-fields.ts'
import { inside, OBFUSCATED, plainValue } from './secret-fields.ts'
import type { ServerBlockSchema } from './server-types.ts'
import { findBlockType, newestSchema } from './server-types.ts'

const maxAttempts = 4

interface Target {
  readonly type: string
  readonly name: string
  readonly typeId: string
  readonly schema: ServerBlockSchema
}

type StoredDocument = Schemas['BlockDocument']

export async function saveBlock(block: BlockObject, options: SaveBlockOptions): Promise<AnyBlock> {
  checkData(block.data, blockLabel(block.type, block.name), true)
  const target = await findTarget(block, options)
  const { client, signal, overwrite = false } = options
  for (let attempt = 1; ; attempt++) {
    // oxlint-disable no-await-in-loop -- each attempt looks at what another process did
    const stored = overwrite ? await readStored(target, options) : undefined
    const complete = await checked(block, target, stored)
    try {
      if (stored === undefined) {
        const { id } = await client.post('/block_documents/', {
          body: {
            name: target.name,
            data: encodeFields({ ...complete.data }, target),
            block_schema_id: target.schema.id,
            block_type_id: target.typeId,
          },
          signal,
        })
        return { ...complete, id }
      }
      const data = { ...referencesOf(stored), ...encodeFields({ ...complete.data }, target) }
      const kept = Object.keys(data).filter(
        (field) => Object.hasOwn(block.data, field) || isReference(data[field]),
      )
      await client.patch('/block_documents/{id}', {
        path: { id: stored.id },
        body: {
          block_schema_id: target.schema.id,
          data: Object.fromEntries(kept.map((field) => [field, data[field]])),
        },
        signal,
      })
      return { ...complete, id: stored.id }
    } catch (error) {
      const raced = stored
        ? isApiError(error, 'NOT_FOUND')
        : isApiError(error, 'CONFLICT', 'OUTCOME_UNKNOWN')
      if (overwrite && raced && attempt < maxAttempts) continue
      throw await failure(error, target, options)
    }
    // oxlint-enable no-await-in-loop
  }
}

async function findTarget(block: BlockObject, options: SaveBlockOptions): Promise<Target> {
  const { client, signal, schemaId } = options
  const { slug: type, name } = parseReference(`${block.type}/${block.name ?? ''}`)
  const blockType = await findBlockType(type, options)
  if (blockType === undefined) throw await typeNotFound(type, options, `${type}/${name}`)
  const schema =
    schemaId === undefined
      ? await newestSchema(blockType.id, options)
      : await client.get('/block_schemas/{id}', { path: { id: schemaId }, signal })
  if (schema !== undefined) return { type, name, typeId: blockType.id, schema }
  throw new BlockError(
    `Block "${type}/${name}": its type has no schema on the server. Register one with registerBlockType.`,
    { code: 'TYPE_NOT_FOUND', block: `${type}/${name}` },
  )
}

async function readStored(
  { type, name }: Target,
  { client, signal }: SaveBlockOptions,
): Promise<StoredDocument | undefined> {
  try {
    return await client.get('/block_types/slug/{slug}/block_documents/name/{block_document_name}', {
      path: { slug: type, block_document_name: name },
      query: { include_secrets: true },
      signal,
    })
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** The block as it will stand on the server, checked as if it was loaded from there. */
async function checked(
  block: BlockObject,
  target: Target,
  stored: StoredDocument | undefined,
): Promise<AnyBlock> {
  const given = withoutUndefined(block.data)
  const label = blockLabel(target.type, target.name)
  const filled = Object.fromEntries(
    Object.entries(given).map(([field, value]) => [
      field,
      withStored(value, stored?.data?.[field], { block: label, field }, isNested(target, field)),
    ]),
  )
  const references = Object.entries(stored?.block_document_references ?? {})
  return parseBlock({
    name: target.name,
    data: { ...stored?.data, ...filled },
    block_type: { slug: target.type },
    block_schema: { fields: target.schema.fields },
    block_document_references: Object.fromEntries(
      references.filter(([field]) => !Object.hasOwn(given, field)),
    ),
  })
}

/** `value` with what is stored in place of each `********`: to send that back would lose the secret. */
function withStored(value: unknown, stored: unknown, place: Place, isDeclared = false): unknown {
  if (value === OBFUSCATED) {
    if (stored !== undefined && stored !== null && stored !== OBFUSCATED) return stored
    throw new BlockError(
      `Block "${place.block}": field "${place.field}" is ${OBFUSCATED}, which stands for a secret, and the server ` +
        'holds none to keep there. Give the secret itself.',
      { code: 'OBFUSCATED', block: place.block },
    )
  }
  if (isSecret(value)) {
    const plain = value.reveal()
    return plain === OBFUSCATED ? withStored(plain, stored, place) : value
  }
  if (Array.isArray(value)) {
    const items = Array.isArray(stored) ? stored : []
    return value.map((item, index) => withStored(item, items[index], inside(place, `${index}`)))
  }
  if (!isFields(value)) return value
  // A nested block stands among its own words; what is stored has its data alone.
  const inner: Fields = isBlockLike(value, isDeclared)
    ? { data: stored }
    : isFields(stored)
      ? stored
      : {}
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      withStored(item, inner[key], inside(place, key)),
    ]),
  )
}

function withoutUndefined(data: object): Fields {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
}

/** Fields as the server takes them: a saved block as `$ref`, another nested one with its slug. */
function encodeFields(data: Fields, target: Target): Fields {
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => {
      const isDeclared = isNested(target, field)
      const block = isBlockLike(value, isDeclared) ? value : undefined
      if (typeof block?.['id'] !== 'string') return [field, encode(value, isDeclared)]
      return [field, { $ref: { block_document_id: block['id'] } }]
    }),
  )
}

/** Whether the schema says that blocks stand in this field. */
function isNested({ schema }: Target, field: string): boolean {
  const references = schema.fields?.['block_schema_references']
  return isFields(references) && Object.hasOwn(references, field)
}

/** Plain JSON. Blocks below the top stand with their data: neither server nor Python follow a `$ref` there. */
function encode(value: unknown, isDeclared = false): unknown {
  if (isSecret(value)) return plainValue(value)
  if (Array.isArray(value)) return value.map((item) => encode(item, isDeclared))
  if (!isFields(value)) return value
  if (isBlockLike(value, isDeclared)) {
    return { ...encodeAll(value['data'] as Fields), block_type_slug: value['type'] }
  }
  return encodeAll(value, isDeclared)
}

function encodeAll(fields: Fields, isDeclared = false): Fields {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([key, value]) => [key, encode(value, isDeclared)]))
}

/** A block in hand has four keys. Where the schema says that a block stands, `{ type, data }` is one too. */
function isBlockLike(value: unknown, isDeclared = false): value is Fields {
  if (!isFields(value) || typeof value['type'] !== 'string' || !isFields(value['data']))
    return false
  return isDeclared || ('name' in value && 'id' in value && Object.keys(value).length === 4)
}

/** The references that the stored document has: the server drops those that an update leaves out. */
function referencesOf(stored: StoredDocument): Fields {
  const references = Object.entries(stored.block_document_references ?? {})
  return Object.fromEntries(
    references.flatMap(([field, reference]) => {
      const document = reference['block_document']
      const id = isFields(document) ? document['id'] : undefined
      return typeof id === 'string' ? [[field, { $ref: { block_document_id: id } }]] : []
    }),
  )
}

function isReference(value: unknown): boolean {
  return isFields(value) && '$ref' in value
}

async function failure(
  error: unknown,
  target: Target,
  options: SaveBlockOptions,
): Promise<unknown> {
  const block = `${target.type}/${target.name}`
  const isConflict = isApiError(error, 'CONFLICT')
  if (isConflict && !options.overwrite && (await readStored(target, options)) !== undefined) {
    return new BlockError(
      `Block "${block}" exists already. Choose another name, or pass overwrite: true.`,
      { code: 'ALREADY_EXISTS', block, cause: error },
    )
  }
  return refusal(error, `Block "${block}" could not be saved`, block)
}
