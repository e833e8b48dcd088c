import { schemaFields, unionOf } from '../../../packages/blocks/src/schema-fields.ts'
import type { FieldType, SchemaField } from '../../../packages/blocks/src/schema-fields.ts'

/** One block type, from the newest of its schemas, widened by what the older ones allow. */
export interface BlockType {
  slug: string
  description: string | undefined
  /** The version of the Python package that the newest schema comes from. */
  version: string
  fields: Record<string, SchemaField>
  /** The fields by the newest schema alone. */
  newest: Record<string, SchemaField>
}

interface Schema {
  version: string
  fields: Record<string, unknown>
  block_type: { slug: string }
}

/** What several block types share. */
export type Model = Extract<FieldType, { kind: 'object' | 'literal' }>

/** Types that Prefect dropped in 2024; servers that were upgraded still hold such blocks. */
const legacy: readonly Schema[] = Object.entries({
  'date-time': { type: 'string', description: 'A date and time in ISO 8601.' },
  json: { description: 'Any JSON value.' },
  string: { type: 'string', description: 'A string.' },
}).map(([slug, value]) => ({
  version: 'legacy',
  fields: {
    description: `The \`${slug}\` block of Prefect 2, which Prefect dropped in 2024.`,
    properties: { value: { ...value, position: 0 } },
    required: ['value'],
  },
  block_type: { slug },
}))

/**
 * The block types of a server, by slug; `slugs` limits them to these. Models that several types
 * share, such as `AwsClientParameters`, are one, whatever schema they come from.
 */
export async function blockTypes(
  apiUrl: string,
  slugs?: ReadonlySet<string>,
): Promise<BlockType[]> {
  const bySlug = new Map<string, Schema[]>()
  for (const schema of [...(await readSchemas(apiUrl)), ...legacy]) {
    const { slug } = schema.block_type
    if (slugs === undefined || slugs.has(slug))
      bySlug.set(slug, [...(bySlug.get(slug) ?? []), schema])
  }
  const types = [...bySlug].map(([slug, schemas]): BlockType => {
    const [newest, ...older] = schemas.toSorted(newestFirst)
    if (newest === undefined) throw new Error(`No schema of ${slug}`)
    const own = schemaFields(slug, newest.fields)
    const description = newest.fields['description']
    return {
      slug,
      description: typeof description === 'string' ? description : undefined,
      version: newest.version,
      fields: older.reduce((sum, each) => mergeFields(sum, schemaFields(slug, each.fields)), own),
      newest: own,
    }
  })
  return shareModels(types.toSorted((a, b) => (a.slug < b.slug ? -1 : 1)))
}

/** Which of several types stands for a nested block that is missing; the schemas do not say it. */
const defaults: Readonly<Record<string, string>> = {
  'aws-credentials minio-credentials': 'aws-credentials',
}

/** The type that Prefect fills in for a nested block that is missing. */
export function blockWhenMissing(slugs: readonly string[]): string {
  const [only] = slugs
  const slug = slugs.length === 1 ? only : defaults[slugs.join(' ')]
  if (slug === undefined) throw new Error(`Which of ${slugs.join(', ')} stands for a missing one?`)
  return slug
}

/** The models that the types use, by name. */
export function modelsOf(types: readonly BlockType[]): Map<string, Model> {
  const models = new Map<string, Model>()
  const visit = (type: FieldType): void => {
    if (type.kind === 'object') Object.values(type.fields).forEach((field) => visit(field.type))
    if ((type.kind === 'object' || type.kind === 'literal') && type.name)
      models.set(type.name, type)
    if ('item' in type) visit(type.item)
    if ('members' in type) type.members.forEach(visit)
  }
  for (const { fields } of types) Object.values(fields).forEach((field) => visit(field.type))
  return models
}

async function readSchemas(apiUrl: string): Promise<Schema[]> {
  const url = `${apiUrl.replace(/\/+$/, '')}/block_schemas/filter`
  const schemas: Schema[] = []
  for (;;) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ offset: schemas.length, limit: 200 }),
      signal: AbortSignal.timeout(30_000),
    })
    if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}`)
    const page = (await answer.json()) as Schema[]
    schemas.push(...page)
    if (page.length < 200) return schemas
  }
}

/** By version, those without one last; for equal ones by their content, so that the order is stable. */
function newestFirst(a: Schema, b: Schema): number {
  const parts = (schema: Schema): number[] => schema.version.match(/\d+/g)?.map(Number) ?? []
  const [left, right] = [parts(a), parts(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (right[index] ?? -1) - (left[index] ?? -1)
    if (difference !== 0) return difference
  }
  return JSON.stringify(a.fields) < JSON.stringify(b.fields) ? -1 : 1
}

/** `newer`, made to take what `older` takes as well. */
function mergeFields(
  newer: Record<string, SchemaField>,
  older: Record<string, SchemaField>,
): Record<string, SchemaField> {
  return Object.fromEntries(
    Object.entries(newer).map(([name, field]) => [name, mergeField(field, older[name])]),
  )
}

function mergeField(newer: SchemaField, older: SchemaField | undefined): SchemaField {
  const required = newer.required && older?.required === true
  return {
    ...newer,
    type: older === undefined ? newer.type : mergeTypes(newer.type, older.type),
    // Not what an old schema leaves open: it does not say which of its fields may be null.
    nullable: newer.nullable || (newer.required && !required),
    required,
  }
}

function mergeTypes(newer: FieldType, older: FieldType): FieldType {
  if (newer.kind === 'object' && older.kind === 'object') {
    return { ...newer, fields: mergeFields(newer.fields, older.fields) }
  }
  if (newer.kind === 'union' && older.kind === 'union') {
    const members = newer.members.map((member) => {
      const same = older.members.find(({ kind }) => kind === member.kind)
      return same === undefined ? member : mergeTypes(member, same)
    })
    return { kind: 'union', members }
  }
  const known = kindsOf(newer)
  const members = older.kind === 'union' ? older.members : [older]
  const more = members.filter((member) => !kindsOf(member).every((kind) => known.includes(kind)))
  return unionOf([newer, ...more])
}

/** The kinds of JavaScript value that a type takes. */
export function kindsOf(type: FieldType): string[] {
  switch (type.kind) {
    case 'union':
      return [...new Set(type.members.flatMap(kindsOf))]
    case 'literal':
      return [...new Set(type.values.map((value) => typeof value))]
    case 'text':
    case 'secret':
    case 'url':
      return ['string']
    case 'integer':
    case 'number':
      return ['number']
    case 'boolean':
      return ['boolean']
    case 'list':
      return ['array']
    case 'any':
    case 'secret-json':
      return ['string', 'number', 'boolean', 'array', 'object']
    default:
      return ['object']
  }
}

/** Gives every use of a model the fields of all of its versions. */
function shareModels(types: BlockType[]): BlockType[] {
  const models = new Map<string, Model>()
  const byVersion = types.toSorted((a, b) => sayNull(b) - sayNull(a))
  const collect = (type: FieldType): void => {
    if ('item' in type) collect(type.item)
    if ('members' in type) type.members.forEach(collect)
    if (type.kind !== 'object' && type.kind !== 'literal') return
    if (type.kind === 'object') Object.values(type.fields).forEach((field) => collect(field.type))
    if (type.name === undefined) return
    const known = models.get(type.name)
    models.set(type.name, known === undefined ? type : (mergeTypes(known, type) as Model))
  }
  for (const { fields } of byVersion) Object.values(fields).forEach((field) => collect(field.type))
  const share = (type: FieldType): FieldType => {
    if ('item' in type) return { ...type, item: share(type.item) }
    if ('members' in type) return { ...type, members: type.members.map(share) }
    return 'name' in type && type.name !== undefined ? (models.get(type.name) ?? type) : type
  }
  return types.map((type) => ({
    ...type,
    fields: mapFields(type.fields, (field) => fillIn({ ...field, type: share(field.type) })),
  }))
}

function mapFields(
  fields: Record<string, SchemaField>,
  change: (field: SchemaField) => SchemaField,
): Record<string, SchemaField> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, change(field)]))
}

/** Says what stands for a field that may be missing and has no default: null, or something empty. */
function fillIn(field: SchemaField): SchemaField {
  const type: FieldType =
    field.type.kind === 'object'
      ? { ...field.type, fields: mapFields(field.type.fields, fillIn) }
      : field.type
  const { required, nullable, default: fallback } = field
  if (required || nullable || fallback !== undefined || type.kind === 'block')
    return { ...field, type }
  if (type.kind === 'list') return { ...field, type, default: [] }
  if (kindsOf(type).join('') === 'object') return { ...field, type, default: {} }
  return { ...field, type, nullable: true }
}

/** 1 for a type whose newest schema says which fields may be null. */
function sayNull(type: BlockType): number {
  return Object.values(type.newest).some(({ default: fallback }) => fallback === null) ? 1 : 0
}
