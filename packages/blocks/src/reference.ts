import { BlockError } from './errors.ts'

/** A block's address on a server. */
export interface BlockReference {
  /** The block type's slug. */
  readonly slug: string
  /** The block's name. */
  readonly name: string
}

/** Splits `type-slug/block-name`; throws a `BlockError` `INVALID_NAME` for anything else. */
export function parseReference(reference: string): BlockReference {
  const [slug, name, ...rest] = reference.split('/')
  if (slug && name && rest.length === 0) return { slug, name }
  throw new BlockError(
    `Block "${reference}": a block is named by its type and its name with one slash between, ` +
      'such as "s3-bucket/willowdata".',
    { code: 'INVALID_NAME', block: reference },
  )
}
