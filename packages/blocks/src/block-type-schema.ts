import type { BlockTypeDefinition, FieldDefinition, FieldValue } from './block-type-definition.ts'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'
import { pythonFloat, pythonInteger } from './python-json.ts'
import type { BlockSchemaFields } from './schema-checksum.ts'

/** The schema of a block type that another one nests: as the server has it. */
export interface NestedSchema {
  readonly slug: string
  readonly checksum: string
  readonly fields: Fields
}

interface Building {
  readonly slug: string
  readonly nested: ReadonlyMap<string, NestedSchema>
  readonly definitions: Record<string, unknown>
}

/** The slug of a definition: its own, or the one Prefect makes of its name. */
export function slugOf({ slug, name, className }: BlockTypeDefinition): string {
  return (
    slug ??
    (name ?? className)
      .toLowerCase()
      .replaceAll(/[^a-z\d]+/g, '-')
      .replaceAll(/^-|-$/g, '')
  )
}

/** The slugs of all block types that a definition nests, at any depth. */
export function nestedSlugs(definition: BlockTypeDefinition): string[] {
  return [...new Set(Object.values(definition.fields).flatMap((field) => blocksIn(field, true)))]
}

/** The blocks that a field holds directly or in a list or dict; `deep` also in models. */
function blocksIn(field: FieldValue, deep: boolean): readonly string[] {
  if (!('type' in field)) return []
  if (field.type === 'block') return field.blocks
  if (field.type === 'array') return blocksIn(field.items, deep)
  if (field.type === 'object' && field.values) return blocksIn(field.values, deep)
  if (field.type === 'model' && deep) {
    return Object.values(field.fields).flatMap((inner) => blocksIn(inner, deep))
  }
  return []
}

/**
 * The schema that `Block.model_json_schema` of Prefect 3 makes of the same class, key for key: by it
 * both sides come to one checksum.
 */
export function blockTypeSchema(
  definition: BlockTypeDefinition,
  nested: ReadonlyMap<string, NestedSchema> = new Map(),
): BlockSchemaFields {
  const { className: title, description, fields } = definition
  const building: Building = { slug: slugOf(definition), nested, definitions: {} }
  const schema = modelSchema({ title, fields }, building)
  const properties = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property], position) => [
      name,
      { ...withoutAdditionalProperties(property), position },
    ]),
  )
  const references = Object.entries(fields).flatMap(([name, field]) => {
    const entries = blocksIn(field, false).map((slug) => ({
      block_type_slug: slug,
      block_schema_checksum: nestedSchema(slug, building).checksum,
    }))
    return entries.length === 0 ? [] : [[name, entries.length === 1 ? entries[0] : entries]]
  })
  const definitions = Object.fromEntries(
    Object.entries(building.definitions).map(([name, inner]) => [
      name,
      withoutAdditionalProperties(inner),
    ]),
  )
  return {
    ...schema,
    properties,
    ...(description ? { description } : {}),
    block_type_slug: building.slug,
    secret_fields: Object.entries(fields).flatMap(([name, field]) =>
      secretsIn(field, name, building),
    ),
    block_schema_references: Object.fromEntries(references),
    ...(Object.keys(definitions).length === 0 ? {} : { definitions }),
  }
}

function modelSchema(
  model: { title: string; fields: Readonly<Record<string, FieldDefinition>> },
  building: Building,
): { title: string; type: 'object'; properties: Fields; required?: string[] } {
  const fields = Object.entries(model.fields)
  const required = fields.flatMap(([name, field]) =>
    'default' in field || field.optional ? [] : [name],
  )
  return {
    title: model.title,
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, field]) => [name, fieldSchema(name, field, building)]),
    ),
    ...(required.length === 0 ? {} : { required }),
  }
}

function fieldSchema(name: string, field: FieldDefinition, building: Building): Fields {
  const plain = valueSchema(field, building)
  const { anyOf } = plain
  const schema = field.nullable
    ? { anyOf: [...(Array.isArray(anyOf) ? anyOf : [plain]), { type: 'null' }] }
    : plain
  // pydantic leaves out the title of what has one in its definition.
  const title =
    field.title ??
    (isReference(field) ? undefined : name.replaceAll('_', ' ').replaceAll(/\p{L}+/gu, capitalize))
  return {
    ...schema,
    ...('default' in field ? { default: defaultOf(field, building.slug, name) } : {}),
    ...(title === undefined ? {} : { title }),
    ...(field.description === undefined ? {} : { description: field.description }),
  }
}

function isReference(field: FieldValue): boolean {
  if (!('type' in field)) return '$ref' in field.schema
  if (field.type === 'block') return field.blocks.length === 1
  return field.type === 'model' || (field.type === 'enum' && field.className !== undefined)
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
}

function defaultOf(field: FieldDefinition, slug: string, name: string): unknown {
  const { default: value } = field
  if (value !== null && 'type' in field && field.type.startsWith('secret')) {
    throw new BlockError(
      `Block type "${slug}": field "${name}" is secret: its default would stand in the schema, for ` +
        'everyone to read. Leave it out, or make it null.',
      { code: 'INVALID_DEFINITION', block: slug },
    )
  }
  return toPython(field, value)
}

/** The default of a float field is a float, `1.0`; a bigint is an int wherever it stands. */
function toPython(field: FieldValue, value: unknown): unknown {
  if (typeof value === 'bigint') return pythonInteger(value)
  if (!('type' in field)) return value
  if (field.type === 'number' && typeof value === 'number') return pythonFloat(value)
  if (field.type === 'array' && Array.isArray(value)) {
    return value.map((item) => toPython(field.items, item))
  }
  const { values } = field as { values?: FieldValue }
  if (field.type === 'object' && values && isFields(value)) {
    const entries = Object.entries(value)
    return Object.fromEntries(entries.map(([key, inner]) => [key, toPython(values, inner)]))
  }
  return value
}

function valueSchema(field: FieldValue, building: Building): Fields {
  if (!('type' in field)) return field.schema
  switch (field.type) {
    case 'any':
      return {}
    case 'secret':
      return { type: 'string', format: 'password', writeOnly: true }
    case 'secret-object':
      return { type: 'object', additionalProperties: true }
    case 'enum':
      return enumSchema(field, building)
    case 'array':
      return { type: 'array', items: valueSchema(field.items, building) }
    case 'object': {
      const values = field.values ? valueSchema(field.values, building) : {}
      return {
        type: 'object',
        additionalProperties: Object.keys(values).length === 0 ? true : values,
      }
    }
    case 'model': {
      const { className: title, docstring, fields } = field
      const schema = modelSchema({ title, fields }, building)
      building.definitions[title] = docstring ? { ...schema, description: docstring } : schema
      return { $ref: `#/definitions/${title}` }
    }
    case 'block': {
      const references = field.blocks.map((slug) => blockReference(slug, building))
      return references.length === 1 && references[0] ? references[0] : { anyOf: references }
    }
    default:
      return { type: field.type }
  }
}

function enumSchema(field: Extract<FieldValue, { type: 'enum' }>, building: Building): Fields {
  const { values, className: title, docstring } = field
  if (title !== undefined) {
    const schema = { type: 'string', enum: values, title }
    building.definitions[title] = docstring ? { ...schema, description: docstring } : schema
    return { $ref: `#/definitions/${title}` }
  }
  return values.length === 1
    ? { type: 'string', const: values[0] }
    : { type: 'string', enum: values }
}

/** A reference to a nested block, whose own schema becomes a definition under its class's name. */
function blockReference(slug: string, building: Building): Fields {
  const { definitions, ...fields } = nestedSchema(slug, building).fields
  const title = String(fields['title'])
  Object.assign(building.definitions, definitions, { [title]: fields })
  return { $ref: `#/definitions/${title}` }
}

function nestedSchema(slug: string, { nested, slug: block }: Building): NestedSchema {
  const schema = nested.get(slug)
  if (schema !== undefined) return schema
  throw new BlockError(
    `Block type "${block}": the block type "${slug}" that it nests is unknown.`,
    {
      code: 'TYPE_NOT_FOUND',
      block,
    },
  )
}

/** `_collect_secret_fields`: paths; `.*` for every value of a dict. */
function secretsIn(field: FieldValue, path: string, building: Building): string[] {
  if (!('type' in field)) return field.schema['format'] === 'password' ? [path] : []
  switch (field.type) {
    case 'secret':
      return [path]
    case 'secret-object':
      return [`${path}.*`]
    case 'array':
      return secretsIn(field.items, path, building)
    case 'object':
      return field.values ? secretsIn(field.values, path, building) : []
    case 'model':
      return Object.entries(field.fields).flatMap(([name, inner]) =>
        secretsIn(inner, `${path}.${name}`, building),
      )
    case 'block':
      return field.blocks.flatMap((slug) => {
        const secrets = nestedSchema(slug, building).fields['secret_fields']
        return Array.isArray(secrets) ? secrets.map((secret) => `${path}.${secret}`) : []
      })
    default:
      return []
  }
}

/** Prefect removes `additionalProperties` from objects within objects, not from those in lists. */
function withoutAdditionalProperties(value: unknown): Fields {
  const clean = (inner: unknown): unknown =>
    isFields(inner) && !('rawJSON' in inner) ? withoutAdditionalProperties(inner) : inner
  return Object.fromEntries(
    Object.entries(isFields(value) ? value : {})
      .filter(([key]) => key !== 'additionalProperties')
      .map(([key, inner]) => [key, clean(inner)]),
  )
}
