import { maskSecrets } from '@prefect-ts/api'
import type { BlockDefinition } from './define-block.ts'
import type { Fields } from './document.ts'
import { BlockError } from './errors.ts'
import type { Place } from './secret-fields.ts'
import { inside } from './secret-fields.ts'
import type { StandardSchemaIssue } from './standard-schema.ts'

/** Checks the data of a block of a type of the caller's own. Rejects with `INVALID_DATA`. */
export async function validate(
  { schema }: BlockDefinition,
  data: Fields,
  place: Place,
): Promise<Fields> {
  const result = await schema['~standard'].validate(data)
  if (result.issues === undefined) return result.value as Fields
  const issues = result.issues.map((issue) => describe(issue, place))
  throw new BlockError(maskSecrets(`Block "${place.block}": ${issues.join('; ')}.`), {
    code: 'INVALID_DATA',
    block: place.block,
  })
}

function describe({ message, path = [] }: StandardSchemaIssue, place: Place): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part))
  const { field } = keys.reduce(inside, place)
  return field === '' ? message : `field "${field}": ${message}`
}
