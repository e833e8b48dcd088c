import { isSecret } from '@prefect-ts/api'
import type { Drift } from './describe-drift.ts'
import type { Fields } from './document.ts'
import { isFields, toBlockSource } from './document.ts'
import { typeWords } from './field-words.ts'
import { kindOf } from './fields.ts'
import type { FieldType, SchemaField } from './schema-fields.ts'

/** The fields of `data` that the schema does not know, or knows otherwise, and those it misses. */
export function misfits(
  data: Fields,
  fields: Readonly<Record<string, SchemaField>>,
  prefix = '',
): Drift[] {
  const unknown = Object.keys(data).filter(
    (name) => !Object.hasOwn(fields, name) && name !== 'block_type_slug',
  )
  return [
    ...Object.entries(fields).flatMap(([name, field]) =>
      fieldMisfits(data[name], field, `${prefix}${name}`),
    ),
    ...unknown.map((name) => misfit(`${prefix}${name}`, 'nothing', kindOf(data[name]))),
  ]
}

function fieldMisfits(value: unknown, field: SchemaField, path: string): Drift[] {
  if (value === undefined && !field.required) return []
  if (value === null && field.nullable) return []
  if (value === undefined || value === null) {
    const nullable = field.nullable ? ' or null' : ''
    const required = field.required ? ', required' : ''
    return [misfit(path, `${typeWords(field.type)}${nullable}${required}`, kindOf(value))]
  }
  return typeMisfits(value, field.type, path)
}

function typeMisfits(value: unknown, type: FieldType, path: string): Drift[] {
  if (type.kind === 'union') {
    const each = type.members.map((member) => typeMisfits(value, member, path))
    if (each.some((drifts) => drifts.length === 0)) return []
    // The member of the same kind says best what is wrong inside it.
    return (
      each.find((drifts) => drifts.every(({ field }) => field !== path)) ?? [
        other(value, type, path),
      ]
    )
  }
  if (!isOfKind(value, type)) return [other(value, type, path)]
  if (type.kind === 'object' && isFields(value)) return misfits(value, type.fields, `${path}.`)
  if (type.kind === 'list' || type.kind === 'record') {
    return Object.entries(Object(value)).flatMap(([key, item]) =>
      typeMisfits(item, type.item, `${path}.${key}`),
    )
  }
  if (type.kind !== 'block' || !isFields(value)) return []
  const slug = toBlockSource(value)?.type ?? value['block_type_slug']
  if (typeof slug !== 'string' || type.slugs.includes(slug)) return []
  return [misfit(path, typeWords(type), `block ${slug}`)]
}

function isOfKind(value: unknown, type: FieldType): boolean {
  switch (type.kind) {
    case 'any':
    case 'secret-json':
      return true
    case 'text':
    case 'url':
    case 'secret':
      return typeof value === 'string' || isSecret(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
    case 'boolean':
      return typeof value === type.kind
    case 'literal':
      return type.values.some((each) => each === value)
    case 'list':
      return Array.isArray(value)
    default:
      return isFields(value)
  }
}

function other(value: unknown, type: FieldType, path: string): Drift {
  return misfit(path, typeWords(type), kindOf(value))
}

function misfit(field: string, expected: string, found: string): Drift {
  return { of: 'block', field, expected, found }
}
