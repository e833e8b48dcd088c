import type { AnyBlock, Block, BlockOfType } from './block.ts'
import type { AnyBlockModule, NestedField } from './block-module.ts'
import type { BlockDocument, BlockObject, BlockSource, Fields } from './document.ts'
import { blockLabel, isFields, toBlockSource } from './document.ts'
import { BlockError } from './errors.ts'
import { kindOf, mismatch, readFields } from './fields.ts'
import type { Place } from './secret-fields.ts'
import { inside, wrapSecretFields } from './secret-fields.ts'

/**
 * Turns a document of Prefect's API, or an object `{ type, name?, data }` written by hand, into a
 * block. Needs no server. A type that this package does not know keeps its data as it is, except
 * that the fields its schema marks secret become `Secret`s.
 *
 * Rejects with a `BlockError`: `INVALID_DATA`, `OBFUSCATED`.
 */
export async function parseBlock<const Type extends string>(
  source: BlockObject<Type>,
): Promise<BlockOfType<Type>>
export async function parseBlock(source: BlockDocument | BlockObject): Promise<AnyBlock>
export async function parseBlock(source: BlockDocument | BlockObject): Promise<Block> {
  const known = toBlockSource(source)
  if (known === undefined) {
    throw new BlockError(
      'A block should be a document of the Prefect API (with block_type.slug) or an object ' +
        '{ type, name?, data }; this is neither.',
      { code: 'INVALID_DATA', block: 'unnamed' },
    )
  }
  return parseSource(known, { block: blockLabel(known.type, known.name), field: '' })
}

/** `place.field` is the path to this block within the outermost one, '' for that one itself. */
async function parseSource(source: BlockSource, place: Place): Promise<Block> {
  const { type, name, id } = source
  const module = await importBlockModule(type)
  if (module === undefined) {
    const data = wrapSecretFields(source.data, source.secretFields, place)
    return { type, name, id, data }
  }
  const typed = [...Object.keys(module.readers), ...Object.keys(module.nested ?? {})]
  const nested = await parseNestedFields(source, module, place)
  const ownSecrets = source.secretFields.filter((path) => !isWithin(path, module))
  const plain = wrapSecretFields({ ...source.data, ...nested }, ownSecrets, place, typed)
  return { type, name, id, data: readFields(plain, module.readers, place) }
}

function isWithin(path: string, module: AnyBlockModule): boolean {
  return Object.keys(module.nested ?? {}).some((field) => path.startsWith(`${field}.`))
}

async function parseNestedFields(
  source: BlockSource,
  module: AnyBlockModule,
  place: Place,
): Promise<Fields> {
  const result: Record<string, Block> = {}
  for (const [field, nested] of Object.entries(module.nested ?? {})) {
    const child = nestedSource(source, field, nested, inside(place, field))
    // oxlint-disable-next-line no-await-in-loop -- one or two fields, each an import of a small module
    result[field] = await parseSource(child, inside(place, field))
  }
  return result
}

/**
 * The block that stands in `field` of `parent`. Its type is that of the saved block it refers to,
 * else the inline `block_type_slug`, else the `type` of an object `{ type, data }`, else the type
 * that its fields look like; the type by default where there is nothing.
 */
function nestedSource(
  parent: BlockSource,
  field: string,
  nested: NestedField,
  place: Place,
): BlockSource {
  const value = parent.data[field] ?? undefined
  const child =
    value === undefined ? inline(nested.byDefault, {}) : sourceOf(parent, field, nested, value)
  if (child === undefined || !nested.types.includes(child.type)) {
    const expected = nested.types.map((type) => `"${type}"`).join(' or ')
    const found = isFields(value) ? 'an object of another shape' : kindOf(value)
    throw mismatch(
      place,
      `a block of type ${expected}`,
      child ? `a block of type "${child.type}"` : found,
    )
  }
  const prefix = `${field}.`
  const fromParent = parent.secretFields.filter((path) => path.startsWith(prefix))
  const secretFields = fromParent.map((path) => path.slice(prefix.length))
  return { ...child, secretFields: [...child.secretFields, ...secretFields] }
}

function sourceOf(
  parent: BlockSource,
  field: string,
  nested: NestedField,
  value: unknown,
): BlockSource | undefined {
  if (!isFields(value)) return undefined
  const { block_type_slug: slug, ...data } = value
  const saved = savedBlock(parent, field)
  if (saved !== undefined) return { ...saved, data }
  if (typeof slug === 'string') return inline(slug, data)
  const written = toBlockSource(value)
  if (written !== undefined) return written
  const type = nested.byShape(data)
  return type === undefined ? undefined : inline(type, data)
}

/** The document of the saved block in `field`, which the server sends without its data. */
function savedBlock(parent: BlockSource, field: string): BlockSource | undefined {
  const reference = parent.references[field]
  const document = isFields(reference) ? reference['block_document'] : undefined
  return isFields(document) ? toBlockSource(document) : undefined
}

function inline(type: string, data: Fields): BlockSource {
  return { type, name: undefined, id: undefined, data, secretFields: [], references: {} }
}

/** Loads the module of a type on first use; undefined for a type that this package does not know. */
async function importBlockModule(type: string): Promise<AnyBlockModule | undefined> {
  switch (type) {
    case 'aws-credentials':
      return (await import('./types/aws-credentials.ts')).blockModule
    case 'local-file-system':
      return (await import('./types/local-file-system.ts')).blockModule
    case 'minio-credentials':
      return (await import('./types/minio-credentials.ts')).blockModule
    case 's3-bucket':
      return (await import('./types/s3-bucket.ts')).blockModule
    case 'secret':
      return (await import('./types/secret.ts')).blockModule
    default:
      return undefined
  }
}
