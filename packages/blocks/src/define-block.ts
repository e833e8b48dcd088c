import { BlockError } from './errors.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A block type of your own, as {@link defineBlock} makes it. */
export interface BlockDefinition<Slug extends string = string, Data = unknown> {
  /** The slug of the block's type. */
  readonly slug: Slug
  /** What the data of such a block must be, and what becomes of it. */
  readonly schema: StandardSchema<Data>
}

/** The data of a block of a defined type: what its schema gives. */
export type DefinedData<Definition extends BlockDefinition> =
  Definition extends BlockDefinition<string, infer Data> ? Data : never

/**
 * Describes a block type of your own by a schema of any Standard Schema library. Handed to
 * `loadBlock` or `parseBlock` in `types`, it checks and types every block of that slug, nested ones
 * included; it also takes the place of a type that this package knows.
 *
 * The schema sees the fields as a block holds them: a `Secret` wherever Prefect keeps one, and a
 * block for every nested block that Prefect marks as one.
 *
 * @example
 * const mailServer = defineBlock({ slug: 'mail-server', schema: z.object({ host: z.string() }) })
 * const block = await loadBlock('mail-server/prod', { client, types: [mailServer] })
 */
export function defineBlock<const Slug extends string, Data>(
  definition: BlockDefinition<Slug, Data>,
): BlockDefinition<Slug, Data> {
  const { slug, schema } = definition
  if (!/^[a-z0-9-]+$/.test(slug)) {
    throw new BlockError(
      `Block type "${slug}": a slug has small letters, digits and "-" only, such as "mail-server".`,
      { code: 'INVALID_NAME', block: slug },
    )
  }
  return Object.freeze({ slug, schema })
}
