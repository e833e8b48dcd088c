import type { Block } from './block.ts'
import type { BlockDefinition } from './define-block.ts'
import type { BlockSource } from './document.ts'

/** Reads the blocks that a document only refers to. Those that do not exist are missing in the answer. */
export type ReadSources = (ids: readonly string[]) => Promise<ReadonlyMap<string, BlockSource>>

/** What parsing a block knows beside its document. */
export interface ParseContext {
  /** Types of the caller's own. */
  readonly types: readonly BlockDefinition[]
  /** Undefined without a server: references then stay as they are. */
  readonly readSources: ReadSources | undefined
  /** The ids of the blocks around this one, the outermost first; '' for one without. */
  readonly around: readonly string[]
  /** The blocks parsed so far that were referred to, by id: each is parsed once. */
  readonly parsed: Map<string, Block>
}

/** The context of an outermost block. */
export function parseContext(
  types: readonly BlockDefinition[] | undefined,
  readSources?: ReadSources,
): ParseContext {
  return { types: types ?? [], readSources, around: [], parsed: new Map() }
}
