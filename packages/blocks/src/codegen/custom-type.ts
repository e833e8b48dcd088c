import type { Fields } from '../document.ts'
import type { FieldType, SchemaField } from '../schema-fields.ts'
import { schemaFields } from '../schema-fields.ts'
import { comment, pascalCase, propertyName, quote } from './words.ts'

/** A block type that this package does not know, as the server has it. */
export interface CustomType {
  readonly slug: string
  /** The fields of its schema. */
  readonly fields: Fields
}

/** The interface of the data, the zod schema and the definition of a custom block type. */
export function customTypeCode({ slug, fields }: CustomType): string {
  const name = pascalCase(slug)
  const constant = name.charAt(0).toLowerCase() + name.slice(1)
  const known = schemaFields(slug, fields)
  const { description } = fields
  return [
    ...comment(typeof description === 'string' ? description : `The data of a \`${slug}\` block.`),
    `export interface ${name}Data ${objectText(known, '')}`,
    '',
    `/** Checks the data of a \`${slug}\` block. */`,
    `export const ${constant}Schema: z.ZodType<${name}Data> = ${objectSchema(known, '')}`,
    '',
    `/** For \`types\` of \`loadBlock\` and \`parseBlock\`. */`,
    `export const ${constant}: BlockDefinition<${quote(slug)}, ${name}Data> = defineBlock({`,
    `  slug: ${quote(slug)},`,
    `  schema: ${constant}Schema,`,
    '})',
  ].join('\n')
}

/** Whether a field may be missing from the data of a block in hand. */
function isOptional(field: SchemaField): boolean {
  return !field.required && field.default === undefined
}

function objectText(fields: Readonly<Record<string, SchemaField>>, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(fields).flatMap(([name, field]) => [
    ...comment(field.description, inner),
    `${inner}${propertyName(name)}${isOptional(field) ? '?' : ''}: ${fieldText(field, inner)}`,
  ])
  return ['{', ...lines, `${inner}[key: string]: unknown`, `${indent}}`].join('\n')
}

function fieldText(field: SchemaField, indent: string): string {
  const missing = isOptional(field) ? ' | undefined' : ''
  return `${typeText(field.type, indent)}${field.nullable ? ' | null' : ''}${missing}`
}

function typeText(type: FieldType, indent: string): string {
  switch (type.kind) {
    case 'text':
      return 'string'
    case 'integer':
      return 'number'
    case 'boolean':
    case 'number':
      return type.kind
    case 'any':
      return 'unknown'
    case 'fields':
    case 'settings':
      return 'Record<string, unknown>'
    case 'secret':
    case 'secret-json':
      return 'Secret'
    case 'secret-dict':
      return 'SecretDict'
    case 'url':
      return 'string | Secret'
    case 'literal':
      return type.values.map(literal).join(' | ') || 'never'
    case 'list':
      return `(${typeText(type.item, indent)})[]`
    case 'record':
      return `Record<string, ${typeText(type.item, indent)}>`
    case 'object':
      return objectText(type.fields, indent)
    case 'block':
      return `BlockOfType<${type.slugs.map(quote).join(' | ')}>`
    case 'union':
      return type.members.map((member) => typeText(member, indent)).join(' | ')
    default:
      return type satisfies never
  }
}

function literal(value: string | number): string {
  return typeof value === 'string' ? quote(value) : String(value)
}

function objectSchema(fields: Readonly<Record<string, SchemaField>>, indent: string): string {
  const inner = `${indent}  `
  const lines = Object.entries(fields).map(
    ([name, field]) => `${inner}${propertyName(name)}: ${fieldSchema(field, inner)},`,
  )
  return ['z.looseObject({', ...lines, `${indent}})`].join('\n')
}

function fieldSchema(field: SchemaField, indent: string): string {
  const schema = `${typeSchema(field.type, indent)}${field.nullable ? '.nullable()' : ''}`
  if (field.required) return schema
  if (field.default === undefined) return `${schema}.optional()`
  // A default of an object is checked as if it had been there: its own defaults are filled in.
  return field.default === null
    ? `${schema}.default(null)`
    : `${schema}.prefault(${JSON.stringify(field.default)})`
}

function typeSchema(type: FieldType, indent: string): string {
  switch (type.kind) {
    case 'text':
      return 'z.string()'
    case 'integer':
      return 'z.int()'
    case 'boolean':
    case 'number':
      return `z.${type.kind}()`
    case 'any':
      return 'z.unknown()'
    case 'fields':
    case 'settings':
      return 'z.record(z.string(), z.unknown())'
    case 'secret':
    case 'secret-json':
      return 'secret'
    case 'secret-dict':
      return 'secretDict'
    case 'url':
      return 'z.string().or(secret)'
    case 'literal':
      return `z.literal([${type.values.map(literal).join(', ')}])`
    case 'list':
      return `z.array(${typeSchema(type.item, indent)})`
    case 'record':
      return `z.record(z.string(), ${typeSchema(type.item, indent)})`
    case 'object':
      return objectSchema(type.fields, indent)
    case 'block':
      return `nested(${type.slugs.map(quote).join(', ')})`
    case 'union': {
      const members = type.members.map((member) => typeSchema(member, indent))
      return `z.union([${members.join(', ')}])`
    }
    default:
      return type satisfies never
  }
}
