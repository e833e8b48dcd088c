import type { Block } from './block.ts'
import type { AnyBlockModule, NestedField } from './block-module.ts'
import type { BlockSource, Fields } from './document.ts'
import { isFields, toBlockSource } from './document.ts'
import { BlockError } from './errors.ts'
import { kindOf, mismatch } from './fields.ts'
import type { ParseContext } from './parse-context.ts'
import type { Place } from './secret-fields.ts'
import { inside } from './secret-fields.ts'
import { importBlockModule } from './types/import-block-module.ts'

type ParseChild = (child: BlockSource, place: Place) => Promise<Block>

/**
 * The block that stands in a field of a known type, or null. Its type is that of the saved block it
 * refers to, else the inline `block_type_slug`, else the `type` of an object `{ type, data }`, else
 * the type that its fields look like.
 */
export async function nestedSource(
  parent: BlockSource,
  field: string,
  rule: NestedField,
  place: Place,
  context: ParseContext,
): Promise<BlockSource | null> {
  const value = parent.data[field] ?? undefined
  if (value === undefined && rule.whenMissing !== undefined) {
    return rule.whenMissing === null ? null : inline(rule.whenMissing, {})
  }
  const child = await sourceOf(parent, field, rule, value, place, context)
  if (child !== undefined && rule.types.includes(child.type)) return child
  const expected = rule.types.map((type) => `"${type}"`).join(' or ')
  const found = isFields(value) ? 'an object of another shape' : kindOf(value)
  throw mismatch(
    place,
    `a block of type ${expected}`,
    child ? `a block of type "${child.type}"` : found,
  )
}

async function sourceOf(
  parent: BlockSource,
  field: string,
  rule: NestedField,
  value: unknown,
  place: Place,
  context: ParseContext,
): Promise<BlockSource | undefined> {
  if (!isFields(value)) return undefined
  const saved = savedBlock(parent, field)
  if (saved !== undefined) return { ...saved, data: value }
  const id = referencedId(value)
  if (id !== undefined && context.readSources !== undefined) {
    return sourceById(await context.readSources([id]), id, place)
  }
  const { block_type_slug: slug, ...data } = value
  if (typeof slug === 'string') return inline(slug, data)
  const written = toBlockSource(value)
  if (written !== undefined) return written
  const type = await typeByShape(data, rule, place)
  return type === undefined ? undefined : inline(type, data)
}

/**
 * The type of which `data` has the most fields; of several, the one that it fits best. Python takes
 * the first that does not fail, so that a mistyped object becomes credentials with nothing in them;
 * here an object without any known field is of no type.
 */
async function typeByShape(
  data: Fields,
  rule: NestedField,
  place: Place,
): Promise<string | undefined> {
  if (Object.keys(data).length === 0) return rule.whenMissing ?? undefined
  const modules = await Promise.all(rule.types.map(importBlockModule))
  let best: { type: string; known: number; misfits: number } | undefined
  for (const [index, type] of rule.types.entries()) {
    const module = modules[index]
    if (module !== undefined) {
      const known = Object.keys(data).filter((field) => isKnown(module, field)).length
      const misfits = known === 0 ? 0 : countMisfits(data, module, place)
      const better = best === undefined ? known > 0 : compare({ known, misfits }, best) > 0
      if (better) best = { type, known, misfits }
    }
  }
  return best?.type
}

interface Fit {
  readonly known: number
  readonly misfits: number
}

function compare(a: Fit, b: Fit): number {
  return a.known === b.known ? b.misfits - a.misfits : a.known - b.known
}

function isKnown(module: AnyBlockModule, field: string): boolean {
  return Object.hasOwn(module.readers, field) || Object.hasOwn(module.nested ?? {}, field)
}

function countMisfits(data: Fields, module: AnyBlockModule, place: Place): number {
  return Object.entries(module.readers).filter(([field, reader]) => {
    try {
      reader(data[field], place)
      return false
    } catch {
      return true
    }
  }).length
}

/**
 * The data of a block, with a block in place of each nested one that is marked as such: saved in a
 * field of its own, or, at any depth, a reference or an object with its type. A reference to a block
 * that is around this one, and any reference without a server, stays as it is.
 */
export async function resolveNested(
  source: BlockSource,
  place: Place,
  context: ParseContext,
  parseChild: ParseChild,
): Promise<Fields> {
  const { data, references } = source
  const saved = Object.keys(data).filter((field) => savedBlock(source, field) !== undefined)
  const marks: Marks = { ids: new Set(), inline: false }
  findMarks(data, marks)
  if (saved.length === 0 && marks.ids.size === 0 && !marks.inline) return data
  const unknown = [...marks.ids].filter((id) => !context.around.includes(id))
  const sources = unknown.length === 0 ? undefined : await context.readSources?.(unknown)

  const resolve = async (value: unknown, at: Place): Promise<unknown> => {
    if (Array.isArray(value)) {
      const items: unknown[] = []
      // One after another: a block that is needed twice is parsed once.
      // oxlint-disable-next-line no-await-in-loop -- see above
      for (const [index, item] of value.entries())
        items.push(await resolve(item, inside(at, `${index}`)))
      return items
    }
    if (!isFields(value)) return value
    const id = referencedId(value)
    if (id !== undefined) {
      if (sources === undefined || context.around.includes(id)) return value
      const block = context.parsed.get(id) ?? (await parseChild(sourceById(sources, id, at), at))
      context.parsed.set(id, block)
      return block
    }
    const { block_type_slug: slug, ...rest } = value
    if (typeof slug === 'string') return await parseChild(inline(slug, rest), at)
    return await resolveFields(value, at)
  }
  const resolveFields = async (fields: Fields, at: Place): Promise<Fields> => {
    const result: Record<string, unknown> = {}
    // oxlint-disable-next-line no-await-in-loop -- see above
    for (const [field, value] of Object.entries(fields))
      result[field] = await resolve(value, inside(at, field))
    return result
  }
  const result: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(data)) {
    const at = inside(place, field)
    const block =
      isFields(value) && isFields(references[field]) ? savedBlock(source, field) : undefined
    // oxlint-disable-next-line no-await-in-loop -- see above
    result[field] =
      block === undefined
        ? await resolve(value, at)
        : await parseChild({ ...block, data: Object(value) }, at)
  }
  return result
}

interface Marks {
  readonly ids: Set<string>
  inline: boolean
}

function findMarks(value: unknown, marks: Marks): void {
  if (Array.isArray(value)) for (const item of value) findMarks(item, marks)
  if (!isFields(value)) return
  const id = referencedId(value)
  if (id !== undefined) marks.ids.add(id)
  else if (typeof value['block_type_slug'] === 'string') marks.inline = true
  else for (const inner of Object.values(value)) findMarks(inner, marks)
}

/** The id in `{ $ref: { block_document_id } }`, which the server resolves in fields of its own only. */
function referencedId(value: Fields): string | undefined {
  const reference = value['$ref']
  const id = isFields(reference) ? reference['block_document_id'] : undefined
  return typeof id === 'string' ? id : undefined
}

function sourceById(
  sources: ReadonlyMap<string, BlockSource>,
  id: string,
  place: Place,
): BlockSource {
  const source = sources.get(id)
  if (source !== undefined) return source
  throw new BlockError(
    `Block "${place.block}": field "${place.field}" refers to the block document ${JSON.stringify(id)}, ` +
      'which does not exist (any more). Save the block again without it, or with another one.',
    { code: 'NOT_FOUND', block: place.block },
  )
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
