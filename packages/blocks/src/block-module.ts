import type { Fields } from './document.ts'
import type { Readers } from './fields.ts'

/** A field of a block type that holds another block. */
export interface NestedField {
  /** The types that may stand there. */
  readonly types: readonly string[]
  /** The type by the look of the data alone, for documents that do not say it. */
  readonly byShape: (data: Fields) => string | undefined
  /** The type to fill in, with its defaults, where the field is null or missing. */
  readonly byDefault: string
}

/** How one block type is read: what each module in `types/` exports as `blockModule`. */
export interface BlockModule<Data, NestedFields extends keyof Data = never> {
  /** A reader for each plain field. */
  readonly readers: Readers<Omit<Data, NestedFields>>
  /** Each field that holds another block. */
  readonly nested?: Readonly<Record<NestedFields, NestedField>>
}

/** A module whose type is known only at run time. */
export interface AnyBlockModule {
  readonly readers: Readers<Fields>
  readonly nested?: Readonly<Record<string, NestedField>>
}
