/**
 * What went wrong with a block.
 *
 * - `INVALID_NAME`: the reference is not `type-slug/block-name`.
 * - `TYPE_NOT_FOUND`: the server has no such block type.
 * - `NOT_FOUND`: the type exists, a block of that name does not.
 * - `INVALID_DATA`: the block's data does not have the shape of its type.
 * - `OBFUSCATED`: the server (or a file) gave `********` in place of a secret.
 * - `ALREADY_EXISTS`: a block of that name is there, and it was not to be overwritten.
 * - `REJECTED`: the server refused to read or save it; the message has its words.
 * - `UNSUPPORTED`: a database that no known Node driver reaches, or an argument it has no word for.
 * - `INVALID_DEFINITION`: a custom block type is not defined as Prefect could have it.
 */
export type BlockErrorCode =
  | 'INVALID_NAME'
  | 'TYPE_NOT_FOUND'
  | 'NOT_FOUND'
  | 'INVALID_DATA'
  | 'OBFUSCATED'
  | 'ALREADY_EXISTS'
  | 'REJECTED'
  | 'UNSUPPORTED'
  | 'INVALID_DEFINITION'

export interface BlockErrorOptions {
  /** The reason, for callers that branch on it. */
  readonly code: BlockErrorCode
  /** The block concerned, `type-slug/block-name`, or the slug alone when the block has no name. */
  readonly block: string
  /** The error that led to this one. */
  readonly cause?: unknown
}

/** A block could not be found or understood. The message names block and field, never a value. */
export class BlockError extends Error {
  override readonly name: string = 'BlockError'
  /** The reason, for callers that branch on it. */
  readonly code: BlockErrorCode
  /** The block concerned, `type-slug/block-name`, or the slug alone when the block has no name. */
  readonly block: string

  constructor(message: string, options: BlockErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.block = options.block
  }
}

/**
 * Whether `error` is a {@link BlockError}, with one of `codes` when any are given. Compares name and
 * code, so errors of another installed copy of this package count too.
 */
export function isBlockError(error: unknown, ...codes: BlockErrorCode[]): error is BlockError {
  if (!(error instanceof Error) || error.name !== 'BlockError' || !('code' in error)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}
