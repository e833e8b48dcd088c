import { createSecret, isSecret } from '@prefect-ts/api'
import type { Secret } from '@prefect-ts/api'
import type { Fields } from './document.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'

/** Where a value stands, for messages. */
export interface Place {
  /** The block, as {@link BlockError} names it. */
  readonly block: string
  /** The path from the block's data, such as `credentials.region_name`. */
  readonly field: string
}

/** What the server sends in place of a secret (`prefect.utilities.names.obfuscate`). */
export const OBFUSCATED = '********'

const jsonSecrets = new WeakSet<Secret>()

/**
 * Wraps the value of a secret field. A string stays as it is; any other JSON becomes its JSON text,
 * and the strings inside it are masked in logs as well. A value that is a `Secret` passes.
 */
export function toSecret(value: unknown, place: Place): Secret {
  if (isSecret(value)) return value
  if (value === OBFUSCATED) {
    throw new BlockError(
      `Block "${place.block}": field "${place.field}" holds ${OBFUSCATED} in place of its secret. ` +
        'Read the block with include_secrets=true (loadBlock does) and with an account that may see ' +
        'block secrets; if it was saved like this, save it again with the secret.',
      { code: 'OBFUSCATED', block: place.block },
    )
  }
  if (typeof value === 'string') return createSecret(value)
  registerStrings(value)
  const secret = createSecret(JSON.stringify(value))
  jsonSecrets.add(secret)
  return secret
}

/** What a secret field held before {@link toSecret}: the string, or the JSON that it is the text of. */
export function plainValue(secret: Secret): unknown {
  const text = secret.reveal()
  return jsonSecrets.has(secret) ? JSON.parse(text) : text
}

/** Makes every string inside a JSON value known to `maskSecrets`. */
function registerStrings(value: unknown): void {
  if (typeof value === 'string') createSecret(value)
  else if (typeof value === 'object' && value !== null && !isSecret(value)) {
    for (const inner of Object.values(value)) registerStrings(inner)
  }
}

/**
 * A copy of `data` with a `Secret` at every one of `paths`. Follows the server's own reading of
 * `secret_fields` (`BlockDocument.from_orm_model`): `*` stands for all values at or below its place.
 * Lists on the way are walked too, which the server's obfuscation does not do. Null stays null.
 *
 * `typed` fields keep their value for their reader to judge; a string there is masked in logs.
 */
export function wrapSecretFields(
  data: Fields,
  paths: readonly string[],
  place: Place,
  typed: readonly string[] = [],
): Fields {
  let result: unknown = data
  for (const path of new Set(paths)) {
    if (typed.includes(path)) {
      const value = data[path]
      if (typeof value === 'string') toSecret(value, inside(place, path))
    } else result = wrapAt(result, path.split('.'), place)
  }
  return isFields(result) ? result : data
}

function wrapAt(value: unknown, path: readonly string[], place: Place): unknown {
  if (value === null || value === undefined || isSecret(value)) return value
  const [head, ...rest] = path
  if (head === undefined) return toSecret(value, place)
  if (head === '*') return wrapLeaves(value, place)
  if (Array.isArray(value)) return value.map((item) => wrapAt(item, path, place))
  if (!isFields(value) || !Object.hasOwn(value, head)) return value
  return { ...value, [head]: wrapAt(value[head], rest, inside(place, head)) }
}

/** A copy of `value` with a `Secret` in place of everything that is neither null nor an object. */
export function wrapLeaves(value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return value
  if (!isFields(value)) return toSecret(value, place)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, wrapLeaves(inner, inside(place, key))]),
  )
}

/** The place of a field within the value at `place`. */
export function inside(place: Place, field: string): Place {
  return { block: place.block, field: place.field === '' ? field : `${place.field}.${field}` }
}
