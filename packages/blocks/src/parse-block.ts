import type { Block, BlockOfType } from './block.ts'
import type { AnyBlockModule } from './block-module.ts'
import { checkData } from './check-data.ts'
import type { BlockDefinition } from './define-block.ts'
import type { BlockDocument, BlockObject, BlockSource, Fields } from './document.ts'
import { blockLabel, toBlockSource } from './document.ts'
import { BlockError } from './errors.ts'
import { readFields } from './fields.ts'
import { nestedSource, resolveNested } from './nested.ts'
import type { ParseContext } from './parse-context.ts'
import { parseContext } from './parse-context.ts'
import type { Place } from './secret-fields.ts'
import { inside, wrapSecretFields } from './secret-fields.ts'
import { importBlockModule } from './types/import-block-module.ts'

export interface ParseBlockOptions<Definition extends BlockDefinition = never> {
  /** Block types of your own, by {@link defineBlock}. */
  readonly types?: readonly Definition[] | undefined
}

/**
 * Turns a document of Prefect's API, or an object `{ type, name?, data }` written by hand, into a
 * block. Needs no server. A type that neither this package nor `types` knows keeps its data as it
 * is, except that the fields its schema marks secret become `Secret`s, and what is marked as a
 * nested block becomes one.
 *
 * Rejects with a `BlockError`: `INVALID_DATA`, `OBFUSCATED`.
 */
export async function parseBlock<
  const Type extends string,
  const Definition extends BlockDefinition = never,
>(
  source: BlockObject<Type>,
  options?: ParseBlockOptions<Definition>,
): Promise<BlockOfType<Type, Definition>>
export async function parseBlock<const Definition extends BlockDefinition = never>(
  source: BlockDocument | BlockObject,
  options?: ParseBlockOptions<Definition>,
): Promise<BlockOfType<string, Definition>>
export async function parseBlock(
  source: BlockDocument | BlockObject,
  options: ParseBlockOptions<BlockDefinition> = {},
): Promise<Block> {
  return await parseSource(blockSource(source), parseContext(options.types))
}

/** The common parts of a document or object. Throws a `BlockError` `INVALID_DATA` for neither. */
export function blockSource(source: BlockDocument | BlockObject): BlockSource {
  const known = toBlockSource(source)
  if (known !== undefined) return known
  throw new BlockError(
    'A block should be a document of the Prefect API (with block_type.slug) or an object ' +
      '{ type, name?, data }; this is neither.',
    { code: 'INVALID_DATA', block: 'unnamed' },
  )
}

/** {@link parseBlock} for what it has recognised as a block. */
export async function parseSource(source: BlockSource, context: ParseContext): Promise<Block> {
  const place = { block: blockLabel(source.type, source.name), field: '' }
  checkData(source.data, place.block)
  return await parseAt(source, place, context)
}

/** The limit of Prefect's server (`_BLOCK_DOCUMENT_REFERENCE_MAX_DEPTH`): levels below the outermost block. */
const MAXIMUM_DEPTH = 50

/** `place.field` is the path to this block within the outermost one, '' for that one itself. */
async function parseAt(source: BlockSource, place: Place, outer: ParseContext): Promise<Block> {
  const { type, name, id } = source
  if (outer.around.length > MAXIMUM_DEPTH) {
    throw new BlockError(
      `Block "${place.block}" holds blocks in more than ${MAXIMUM_DEPTH} levels. Load the inner ones by themselves.`,
      { code: 'INVALID_DATA', block: place.block },
    )
  }
  const context = { ...outer, around: [...outer.around, id ?? ''] }
  const definition = context.types.find(({ slug }) => slug === type)
  const module = definition === undefined ? await importBlockModule(type) : undefined
  if (module !== undefined) {
    return { type, name, id, data: await readKnown(source, module, place, context) }
  }
  const data = await readRaw(source, place, context)
  if (definition === undefined) return { type, name, id, data }
  const { validate } = await import('./validate.ts')
  return { type, name, id, data: await validate(definition, data, place) }
}

/** Fields of a type without a module: secret ones wrapped, nested blocks parsed, the others as they are. */
async function readRaw(source: BlockSource, place: Place, context: ParseContext): Promise<Fields> {
  const data = wrapSecretFields(source.data, source.secretFields, place)
  return await resolveNested({ ...source, data }, place, context, (child, at) =>
    parseAt(child, at, context),
  )
}

async function readKnown(
  source: BlockSource,
  module: AnyBlockModule,
  place: Place,
  context: ParseContext,
): Promise<Fields> {
  const nested = module.nested ?? {}
  const blocks: Record<string, Block | null> = {}
  for (const [field, rule] of Object.entries(nested)) {
    const at = inside(place, field)
    // oxlint-disable-next-line no-await-in-loop -- one or two fields, each an import of a small module
    const child = await nestedSource(source, field, rule, at, context)
    const withSecrets = child && { ...child, secretFields: secretsOf(child, source, field) }
    // oxlint-disable-next-line no-await-in-loop -- see above
    blocks[field] = withSecrets && (await parseAt(withSecrets, at, context))
  }
  const known = new Set([...Object.keys(module.readers), ...Object.keys(nested)])
  const plain = Object.entries(source.data).filter(([field]) =>
    Object.hasOwn(module.readers, field),
  )
  const added = Object.entries(source.data).filter(([field]) => !known.has(field))
  const isPlain = (path: string): boolean => Object.hasOwn(module.readers, path.split('.')[0] ?? '')
  const isNested = (path: string): boolean => Object.hasOwn(nested, path.split('.')[0] ?? '')
  const data = wrapSecretFields(
    Object.fromEntries(plain),
    source.secretFields.filter(isPlain),
    place,
    [...known],
  )
  const rest = await readRaw(
    {
      ...source,
      data: Object.fromEntries(added),
      secretFields: source.secretFields.filter((path) => !isPlain(path) && !isNested(path)),
    },
    place,
    context,
  )
  return { ...source.data, ...rest, ...blocks, ...readFields(data, module.readers, place) }
}

/** The secret fields of a nested block: its own, and those that the block around it names. */
function secretsOf(child: BlockSource, parent: BlockSource, field: string): string[] {
  const prefix = `${field}.`
  const paths = parent.secretFields.filter((path) => path.startsWith(prefix))
  return [...child.secretFields, ...paths.map((path) => path.slice(prefix.length))]
}
