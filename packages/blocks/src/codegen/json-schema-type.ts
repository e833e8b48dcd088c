import type { Fields } from '../document.ts'
import { isFields } from '../document.ts'
import { propertyName, quote } from './words.ts'

/** The TypeScript type of what fits a JSON schema, such as the one of a deployment's parameters. */
export function jsonSchemaType(schema: unknown, definitions: Fields, indent = ''): string {
  return typeOf(schema, { definitions, indent, around: [] })
}

interface Context {
  readonly definitions: Fields
  readonly indent: string
  /** The definitions that this one stands in: one that holds itself has no finite type here. */
  readonly around: readonly string[]
}

function typeOf(schema: unknown, context: Context): string {
  if (!isFields(schema)) return 'unknown'
  const { $ref: reference, const: constant, enum: values, type } = schema
  if (typeof reference === 'string') return referredType(reference, context)
  const members = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']
  if (Array.isArray(members) && members.length > 0) {
    const types = [...new Set(members.map((member) => typeOf(member, context)))]
    if (types.includes('unknown')) return 'unknown'
    return types.join(schema['allOf'] === members ? ' & ' : ' | ')
  }
  if (constant !== undefined) return literal(constant)
  if (Array.isArray(values)) return values.map(literal).join(' | ') || 'never'
  if (Array.isArray(type)) {
    return type.map((each: unknown) => typeOf({ ...schema, type: each }, context)).join(' | ')
  }
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return arrayType(schema, context)
    case 'object':
      return objectType(schema, context)
    default:
      return isFields(schema['properties']) ? objectType(schema, context) : 'unknown'
  }
}

function referredType(reference: string, context: Context): string {
  const name = reference.split('/').pop() ?? ''
  if (context.around.includes(name)) return 'unknown'
  return typeOf(context.definitions[name], { ...context, around: [...context.around, name] })
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

function arrayType(schema: Fields, context: Context): string {
  const { prefixItems, items } = schema
  if (Array.isArray(prefixItems)) {
    return `readonly [${prefixItems.map((item) => typeOf(item, context)).join(', ')}]`
  }
  return `ReadonlyArray<${typeOf(items, context)}>`
}

function objectType(schema: Fields, context: Context): string {
  const { properties, additionalProperties: others } = schema
  if (!isFields(properties) || Object.keys(properties).length === 0) {
    return `Readonly<Record<string, ${isFields(others) ? typeOf(others, context) : 'unknown'}>>`
  }
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const inner = { ...context, indent: `${context.indent}  ` }
  const lines = Object.entries(properties).map(([name, property]) => {
    const mark = required.includes(name) ? '' : '?'
    return `${inner.indent}readonly ${propertyName(name)}${mark}: ${typeOf(property, inner)}`
  })
  return ['{', ...lines, `${context.indent}}`].join('\n')
}
