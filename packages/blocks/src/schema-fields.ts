import type { Fields } from './document.ts'
import { ownSecrets } from './own-secrets.ts'

/** What may stand in a field, read from the JSON schema of a block type. */
export type FieldType =
  | { readonly kind: 'text' | 'boolean' | 'number' | 'integer' | 'any' | 'fields' }
  /** A string that Prefect, or {@link ownSecrets}, keeps secret; `secret-json`: any JSON value. */
  | { readonly kind: 'secret' | 'secret-json' | 'secret-dict' | 'url' | 'settings' }
  | {
      readonly kind: 'literal'
      readonly name: string | undefined
      readonly values: readonly (string | number)[]
    }
  | { readonly kind: 'list' | 'record'; readonly item: FieldType }
  | {
      readonly kind: 'object'
      readonly name: string
      readonly description: string | undefined
      readonly fields: Readonly<Record<string, SchemaField>>
    }
  | { readonly kind: 'block'; readonly slugs: readonly string[] }
  | { readonly kind: 'union'; readonly members: readonly FieldType[] }

/** One field of a block type. */
export interface SchemaField {
  readonly type: FieldType
  readonly nullable: boolean
  readonly required: boolean
  /** What Prefect fills in. Undefined: null where null may stand, else the empty value of the type. */
  readonly default: unknown
  readonly description: string | undefined
}

/**
 * The fields of a block type, from the `fields` of a block schema as the server answers it. Schemas
 * by pydantic 1 (without `position`) do not say which fields may be null: those that are neither
 * required nor have a default.
 */
export function schemaFields(slug: string, schema: Fields): Record<string, SchemaField> {
  const definitions = isFields(schema['definitions']) ? schema['definitions'] : {}
  const properties = isFields(schema['properties']) ? schema['properties'] : {}
  const sayNull = Object.values(properties).some((each) => isFields(each) && 'position' in each)
  const fields = objectFields(schema, { definitions, sayNull })
  const secretPaths: unknown[] = Array.isArray(schema['secret_fields'])
    ? schema['secret_fields']
    : []
  for (const [name, field] of Object.entries(fields)) {
    const own = ownSecrets[slug]?.[name]
    const type =
      own ??
      (secretPaths.includes(`${name}.*`)
        ? 'secret-dict'
        : secretPaths.includes(name)
          ? 'secret'
          : undefined)
    if (type !== undefined) fields[name] = { ...field, type: withSecret(field.type, type) }
  }
  return fields
}

interface Schema {
  readonly definitions: Fields
  readonly sayNull: boolean
}

/** Puts the secret kind in place of the kind that it is the secret form of: a union keeps the rest. */
function withSecret(
  type: FieldType,
  kind: NonNullable<(typeof ownSecrets)[string]>[string],
): FieldType {
  if (type.kind === 'secret-json') return type
  if (type.kind !== 'union') return { kind }
  const members = type.members.map((member) => (member.kind === 'text' ? { kind } : member))
  return { kind: 'union', members }
}

function objectFields(schema: Fields, context: Schema): Record<string, SchemaField> {
  const properties = isFields(schema['properties']) ? schema['properties'] : {}
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const result: Record<string, SchemaField> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (isFields(property)) result[name] = schemaField(property, required.includes(name), context)
  }
  return result
}

function schemaField(property: Fields, required: boolean, context: Schema): SchemaField {
  const { type, nullable } = fieldType(property, context)
  const fallback = property['default']
  const description = property['description']
  return {
    type,
    nullable: nullable || (!context.sayNull && !required && fallback === undefined),
    required,
    default: fallback,
    description: typeof description === 'string' ? description : undefined,
  }
}

function fieldType(schema: Fields, context: Schema): { type: FieldType; nullable: boolean } {
  const members = schema['anyOf'] ?? schema['allOf'] ?? schema['oneOf']
  if (!Array.isArray(members))
    return { type: plainType(schema, context), nullable: schema['type'] === 'null' }
  const objects = members.filter(isFields)
  const rest = objects.filter((member) => member['type'] !== 'null')
  const types = rest.map((member) => fieldType(member, context).type)
  return { type: unionOf(types), nullable: rest.length < objects.length }
}

function plainType(schema: Fields, context: Schema): FieldType {
  const reference = schema['$ref']
  if (typeof reference === 'string') return referredType(reference.split('/').pop() ?? '', context)
  const values: unknown = schema['const'] === undefined ? schema['enum'] : [schema['const']]
  if (Array.isArray(values))
    return { kind: 'literal', name: undefined, values: values.filter(isScalar) }
  switch (schema['type']) {
    case 'string':
      return {
        kind: schema['writeOnly'] === true || schema['format'] === 'password' ? 'secret' : 'text',
      }
    case 'boolean':
    case 'integer':
    case 'number':
      return { kind: schema['type'] }
    case 'array':
      return { kind: 'list', item: itemType(schema['items'], context) }
    case 'object': {
      const item = schema['additionalProperties']
      return isFields(item) ? { kind: 'record', item: itemType(item, context) } : { kind: 'fields' }
    }
    default:
      return { kind: 'any' }
  }
}

function itemType(schema: unknown, context: Schema): FieldType {
  return isFields(schema) ? fieldType(schema, context).type : { kind: 'any' }
}

function referredType(name: string, context: Schema): FieldType {
  const schema = context.definitions[name]
  if (!isFields(schema)) return { kind: 'any' }
  const slug = schema['block_type_slug']
  if (typeof slug === 'string') return { kind: 'block', slugs: [slug] }
  if (!isFields(schema['properties'])) {
    const type = plainType(schema, context)
    return type.kind === 'literal' ? { ...type, name } : type
  }
  const description = schema['description']
  // pydantic 2 writes no position into plain models; the type of the outermost model decides.
  return {
    kind: 'object',
    name,
    description: typeof description === 'string' ? description : undefined,
    fields: objectFields(schema, context),
  }
}

/** One type for several: blocks become one field of several slugs, and any JSON takes all in. */
export function unionOf(types: readonly FieldType[]): FieldType {
  const [only] = types
  if (only !== undefined && types.length === 1) return only
  if (types.some(({ kind }) => kind === 'secret')) {
    if (types.some(({ kind }) => kind === 'any')) return { kind: 'secret-json' }
  }
  if (types.length === 0 || types.some(({ kind }) => kind === 'any')) return { kind: 'any' }
  const slugs = types.flatMap((type) => (type.kind === 'block' ? type.slugs : []))
  if (slugs.length > 0 && types.every(({ kind }) => kind === 'block')) {
    return { kind: 'block', slugs: [...new Set(slugs)].toSorted() }
  }
  return {
    kind: 'union',
    members: types.flatMap((type) => (type.kind === 'union' ? type.members : [type])),
  }
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

/** Not that of document.ts: the generator runs this file before anything is built. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
