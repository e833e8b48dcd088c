import type { Secret } from '@prefect-ts/api'
import type { BlockOfType } from './block.ts'
import type { Fields } from './document.ts'

/** What a field of a custom block type holds, under the names of JSON Schema where it has one. */
export type FieldValue =
  /** Python's `str`, `int`, `float`, `bool` and `Any`. */
  | { readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'any' }
  /** `SecretStr`; `secret-object` is `SecretDict`: every value in it is secret. */
  | { readonly type: 'secret' | 'secret-object' }
  /** `Literal['a', 'b']`; with a `className` an `Enum` class of strings. */
  | {
      readonly type: 'enum'
      readonly values: readonly string[]
      readonly className?: string
      /** The docstring of the `Enum` class. */
      readonly docstring?: string
    }
  /** `list[…]`. */
  | { readonly type: 'array'; readonly items: FieldValue }
  /** `dict[str, …]`; without `values` `dict[str, Any]`. */
  | { readonly type: 'object'; readonly values?: FieldValue }
  /** A pydantic model of its own, by the name of its class. */
  | {
      readonly type: 'model'
      readonly className: string
      /** The docstring of the class. */
      readonly docstring?: string
      readonly fields: Readonly<Record<string, FieldDefinition>>
    }
  /** A block of one of these types, in the order of Python's `Union`. They must be registered. */
  | { readonly type: 'block'; readonly blocks: readonly [string, ...string[]] }
  /** Any other JSON Schema, written as pydantic writes it. */
  | { readonly schema: Fields }

/** A field of a custom block type: what it holds, and what pydantic's `Field` says about it. */
export type FieldDefinition = FieldValue & {
  /** `Optional[…]`: may be null. */
  readonly nullable?: boolean
  /**
   * The value where the field is missing. A field without one is required. A number in a `number` field
   * is Python's `1.0`; where the Python class says `1`, write `1n`.
   */
  readonly default?: unknown
  /** Not required, and the default is not part of the schema, as with `default_factory`. */
  readonly optional?: boolean
  /** @default the field's name in title case */
  readonly title?: string
  readonly description?: string
}

/** A custom block type, as a Python class of Prefect's `Block` would define it. */
export interface BlockTypeDefinition {
  /** Name of the Python class; the title of the schema. */
  readonly className: string
  /** Name of the type in Prefect's UI (`_block_type_name`). @default className */
  readonly name?: string | undefined
  /** What references start with. @default the name in lower case, with hyphens for what is no letter or digit */
  readonly slug?: string | undefined
  /** The fields in their order. */
  readonly fields: Readonly<Record<string, FieldDefinition>>
  /** First paragraphs of the class's docstring (`_description`). Part of the checksum. */
  readonly description?: string | undefined
  /** Shown in Prefect's UI. Left as it is when not given. */
  readonly codeExample?: string | undefined
  readonly logoUrl?: string | undefined
  readonly documentationUrl?: string | undefined
  /** `_block_schema_capabilities`, such as `read-path`. */
  readonly capabilities?: readonly string[] | undefined
  /** `_block_schema_version`: the version of the package that the class is in. @default 'non-versioned' */
  readonly version?: string | undefined
}

/**
 * The data of a block type, inferred from its definition: for `BlockTypes`.
 *
 * @example
 * const mailServer = { className: 'MailServer', fields: { host: { type: 'string' } } } as const
 * declare module '@prefect-ts/blocks' {
 *   interface BlockTypes {
 *     mailserver: BlockTypeData<typeof mailServer>
 *   }
 * }
 */
export type BlockTypeData<Definition extends { readonly fields: object }> = DataOf<
  Definition['fields']
>

type DataOf<FieldDefinitions> = {
  -readonly [
    Name in keyof FieldDefinitions as FieldDefinitions[Name] extends
      | { readonly default: unknown }
      | { readonly optional: true }
      ? never
      : Name
  ]: ValueOf<FieldDefinitions[Name]>
} & {
  -readonly [
    Name in keyof FieldDefinitions as FieldDefinitions[Name] extends
      | { readonly default: unknown }
      | { readonly optional: true }
      ? Name
      : never
  ]?: ValueOf<FieldDefinitions[Name]>
}

type ValueOf<Field> = Field extends { readonly nullable: true } ? Plain<Field> | null : Plain<Field>

interface PlainTypes {
  string: string
  integer: number
  number: number
  boolean: boolean
  any: unknown
  secret: Secret
  'secret-object': Record<string, unknown>
}

type Plain<Field> = Field extends { readonly type: infer Type extends keyof PlainTypes }
  ? PlainTypes[Type]
  : Field extends { readonly type: 'enum'; readonly values: readonly (infer Value)[] }
    ? Value
    : Field extends { readonly type: 'array'; readonly items: infer Item }
      ? ValueOf<Item>[]
      : Field extends { readonly type: 'object'; readonly values: infer Value }
        ? Record<string, ValueOf<Value>>
        : Field extends { readonly type: 'object' }
          ? Record<string, unknown>
          : Field extends { readonly type: 'model'; readonly fields: infer Inner }
            ? DataOf<Inner>
            : Field extends {
                  readonly type: 'block'
                  readonly blocks: readonly (infer Slug extends string)[]
                }
              ? BlockOfType<Slug>
              : unknown
