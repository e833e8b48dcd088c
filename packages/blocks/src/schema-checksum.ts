import { createHash } from 'node:crypto'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { pythonJson } from './python-json.ts'

/** The `fields` of a block schema: a JSON Schema as Prefect's `Block.model_json_schema` writes it. */
export interface BlockSchemaFields extends Fields {
  readonly title: string
  readonly properties: Fields
  readonly definitions?: Fields
  readonly secret_fields: readonly string[]
}

/**
 * The checksum by which Prefect knows a block schema: `Block._calculate_schema_checksum`, which the
 * server computes too. Only for schemas as a client writes them: what the server answers has its
 * parts reordered and need not hash to its own `checksum`.
 */
export function schemaChecksum(fields: Fields): string {
  const { definitions, ...hashed } = withoutSecretFields(fields) as Record<string, unknown>
  if (isFields(definitions)) {
    const kept = reachable({ ...hashed, definitions }, definitions, new Map())
    if (kept.size > 0) hashed['definitions'] = Object.fromEntries(kept)
  }
  // `hash_objects(fields)` dumps its arguments and keyword arguments.
  const digest = createHash('sha256').update(pythonJson([[hashed], {}]))
  return `sha256:${digest.digest('hex')}`
}

/** `remove_nested_keys(["secret_fields"])`: within objects, not within lists. */
function withoutSecretFields(value: unknown): unknown {
  if (!isFields(value) || 'rawJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'secret_fields')
      .map(([key, inner]) => [key, withoutSecretFields(inner)]),
  )
}

/** `_get_non_block_reference_definitions`: definitions that something refers to and that are no blocks. */
function reachable(
  value: unknown,
  definitions: Fields,
  found: Map<string, unknown>,
): Map<string, unknown> {
  if (Array.isArray(value)) {
    for (const item of value) reachable(item, definitions, found)
  } else if (isFields(value)) {
    const reference = value['$ref']
    const key = typeof reference === 'string' ? reference.replace('#/definitions/', '') : ''
    const definition = definitions[key]
    if (isFields(definition) && !definition['block_type_slug'] && !found.has(key)) {
      found.set(key, definition)
      reachable(definition, definitions, found)
    }
    for (const inner of Object.values(value)) reachable(inner, definitions, found)
  }
  return found
}
