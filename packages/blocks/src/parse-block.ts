import type { AnyBlock, Block, BlockOfType } from './block.ts'
import type { AnyBlockModule, NestedField } from './block-module.ts'
import { importBlockModule } from './block-module.ts'
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
      { code: 'INVALID_DATA', block: source.name ?? 'unnamed' },
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

/** The block in a field: its type by reference slug, then inline slug, then shape. */
function nestedSource(
  parent: BlockSource,
  field: string,
  nested: NestedField,
  place: Place,
): BlockSource {
  const value = parent.data[field] ?? undefined
  const prefix = `${field}.`
  const secretFields = parent.secretFields
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length))
  const absent = { name: undefined, id: undefined, references: {}, secretFields }
  if (value === undefined) return { ...absent, type: nested.byDefault, data: {} }
  const expected = `${nested.types.map((type) => `"${type}"`).join(' or ')} block`
  if (!isFields(value)) throw mismatch(place, `a ${expected}`, kindOf(value))

  const document = referencedDocument(parent, field)
  const given = document ?? toBlockSource(value)
  const { block_type_slug: slug, ...data } = value
  const child: BlockSource | undefined =
    given === undefined
      ? withType({ ...absent, data }, typeof slug === 'string' ? slug : nested.byShape(data))
      : { ...given, data: document === undefined ? given.data : data, secretFields }
  if (child === undefined) throw mismatch(place, `a ${expected}`, 'an object of another shape')
  if (nested.types.includes(child.type)) return child
  throw mismatch(place, `a ${expected}`, `a "${child.type}" block`)
}

function withType(
  source: Omit<BlockSource, 'type'>,
  type: string | undefined,
): BlockSource | undefined {
  return type === undefined ? undefined : { ...source, type }
}

function referencedDocument(parent: BlockSource, field: string): BlockSource | undefined {
  const reference = parent.references[field]
  if (!isFields(reference) || !isFields(reference['block_document'])) return undefined
  return toBlockSource(reference['block_document'])
}
