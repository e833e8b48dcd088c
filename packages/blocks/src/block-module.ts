import type { Fields } from './document.ts'
import type { Readers } from './fields.ts'

/** A field of a block type that holds another block. */
export interface NestedField {
  /** The types that may stand there. */
  readonly types: readonly string[]
  /**
   * What stands for a field that is null or missing: the type to fill in with its defaults, or null.
   * Undefined: there must be a block.
   */
  readonly whenMissing?: string | null
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
