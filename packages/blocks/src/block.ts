import type { BlockDefinition, DefinedData } from './define-block.ts'
import type { KnownBlockTypes } from './types/known-block-types.ts'

/**
 * The data of each block type by its slug. Open: declare your own types into it and the loading
 * functions infer them. What is declared here without a `defineBlock` schema stays unchecked, as the
 * server sent it.
 *
 * @example
 * import '@prefect-ts/blocks'
 * declare module '@prefect-ts/blocks' {
 *   interface BlockTypes {
 *     'mail-server': { host: string; password: { reveal(): string } }
 *   }
 * }
 */
export interface BlockTypes extends KnownBlockTypes {}

/**
 * The names of the blocks of your workspace by the slug of their type. Open: what is declared here,
 * editors offer as references; any other reference still compiles.
 *
 * @example
 * declare module '@prefect-ts/blocks' {
 *   interface BlockNames {
 *     's3-bucket': 'willowdata' | 'raw'
 *   }
 * }
 */
export interface BlockNames {}

/** The references `type-slug/block-name` that {@link BlockNames} makes known. */
export type KnownReference = {
  [Slug in keyof BlockNames]: `${Slug}/${BlockNames[Slug]}`
}[keyof BlockNames]

/** Any string, with {@link KnownReference} for editors to offer. */
// oxlint-disable-next-line typescript/no-redundant-type-constituents -- never only until names are declared
export type BlockReference = KnownReference | (string & Record<never, never>)

/** The data of a block type: its interface when {@link BlockTypes} has one, else the raw fields. */
export type BlockData<Type extends string> = Type extends keyof BlockTypes
  ? BlockTypes[Type]
  : Record<string, unknown>

/** A block in hand: plain data, with a `Secret` wherever Prefect keeps one. */
export interface Block<Type extends string = string, Data = BlockData<Type>> {
  /** The slug of the block's type, such as `s3-bucket`. */
  readonly type: Type
  /** The block's name on the server. Undefined for an inline nested block or a nameless object. */
  readonly name: string | undefined
  /** The id of the block's document. Undefined when the block did not come from a server. */
  readonly id: string | undefined
  /** The fields under Prefect's own names: unknown ones kept, missing ones at their defaults. */
  readonly data: Data
}

/**
 * A block whose type is known only at run time: a union to narrow on `type`. A custom type that
 * {@link BlockTypes} does not know also arrives here, with raw data.
 */
export type AnyBlock = { [Type in keyof BlockTypes]: Block<Type> }[keyof BlockTypes]

/** A block of one of these definitions. */
export type DefinedBlock<Definition extends BlockDefinition> = Definition extends BlockDefinition
  ? Block<Definition['slug'], DefinedData<Definition>>
  : never

/**
 * The block for a slug: exact for a literal, {@link AnyBlock} for any string. A definition of that
 * slug decides over {@link BlockTypes}.
 */
export type BlockOfType<
  Type extends string,
  Definition extends BlockDefinition = never,
> = string extends Type
  ? Exclude<AnyBlock, { type: Definition['slug'] }> | DefinedBlock<Definition>
  : Type extends Definition['slug']
    ? DefinedBlock<Extract<Definition, { slug: Type }>>
    : Type extends string
      ? Block<Type>
      : never

/** The block that a reference `type-slug/block-name` names, inferred from the literal. */
export type BlockOf<
  Reference extends string,
  Definition extends BlockDefinition = never,
> = string extends Reference
  ? BlockOfType<string, Definition>
  : Reference extends `${infer Type}/${string}`
    ? BlockOfType<Type, Definition>
    : never
