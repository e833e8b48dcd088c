import type { FieldType, SchemaField } from './schema-fields.ts'

/** A block type as its schema describes it, in words that can be compared. */
export interface KnownFields {
  /** The version of the Python package that the schema comes from. */
  readonly version: string
  /** By path, such as `aws_client_parameters.use_ssl`. */
  readonly fields: Readonly<Record<string, string>>
}

/** Each field in words, by its path: `string or null`, `boolean, default true`, `secret, required`. */
export function fieldWords(
  fields: Readonly<Record<string, SchemaField>>,
  prefix = '',
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, field] of Object.entries(fields)) {
    const path = `${prefix}${name}`
    const fallback = field.default
    const shown =
      fallback === undefined || fallback === null ? '' : `, default ${JSON.stringify(fallback)}`
    const required = field.required ? ', required' : ''
    const nothing = field.nullable ? ' or null' : ''
    result[path] = `${typeWords(field.type)}${nothing}${shown}${required}`
    for (const model of modelsIn(field.type)) Object.assign(result, fieldWords(model, `${path}.`))
  }
  return result
}

/** A type in words. */
export function typeWords(type: FieldType): string {
  switch (type.kind) {
    case 'text':
    case 'url':
      return 'string'
    case 'integer':
      return 'whole number'
    case 'any':
      return 'any JSON value'
    case 'secret-json':
      return 'secret JSON value'
    case 'fields':
    case 'object':
    case 'settings':
      return 'object'
    case 'secret-dict':
      return 'object of secrets'
    case 'literal':
      return type.values.map((value) => JSON.stringify(value)).join(' or ')
    case 'list':
      return `list of ${typeWords(type.item)}`
    case 'record':
      return `object of ${typeWords(type.item)}`
    case 'block':
      return `block ${type.slugs.join(' or ')}`
    case 'union':
      return type.members.map(typeWords).join(' or ')
    default:
      return type.kind
  }
}

function modelsIn(type: FieldType): Readonly<Record<string, SchemaField>>[] {
  if (type.kind === 'object') return [type.fields]
  return type.kind === 'union' ? type.members.flatMap(modelsIn) : []
}
