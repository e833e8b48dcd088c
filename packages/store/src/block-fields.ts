import { StoreError } from './errors.ts'
import type { BlockLike } from './open-store.ts'

/** How messages name a block: `s3-bucket/willowdata`, or its type alone. */
export function blockName({ type, name }: BlockLike): string {
  return name === undefined ? type : `${type}/${name}`
}

/** The error for a block that an adapter can't open. `reason` starts with what is wrong: "its field …". */
export function refuseBlock(block: BlockLike, reason: string): StoreError {
  const message = `Cannot open block "${blockName(block)}" as a store: ${reason}`
  return new StoreError(message, { code: 'INVALID_CONFIG' })
}

/**
 * The fields of a block or of a part of it, of which only `known` ones may be there: the others are refused by name.
 * `where` says for messages whose fields they are. What Prefect adds to nested blocks is left out, as are nulls.
 */
export function blockFields<Name extends string>(
  block: BlockLike,
  value: unknown,
  where: string,
  known: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuseBlock(block, `${where} is no object`)
  }
  const fields: Partial<Record<Name, unknown>> = {}
  for (const [name, field] of Object.entries(value)) {
    if (name === 'block_type_slug' || field === null || field === undefined) continue
    const found = known.find((wanted) => wanted === name)
    if (found === undefined) {
      const list = known.length === 0 ? 'none is' : `known are ${known.join(', ')}`
      throw refuseBlock(block, `the field ${name} of ${where} is not supported (${list})`)
    }
    fields[found] = field
  }
  return fields
}

/** What a secret field holds, which is either `{ reveal() }` or, in a part that Prefect keeps open, the value itself. */
export function reveal(value: unknown): unknown {
  const isSecret = typeof value === 'object' && value !== null && 'reveal' in value
  return isSecret && typeof value.reveal === 'function' ? value.reveal() : value
}
