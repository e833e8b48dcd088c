import type { Client } from '@prefect-ts/api'
import type { Block } from './block.ts'
import type { BlockDocument, BlockObject } from './document.ts'

export interface DescribeDriftOptions {
  /** The server to compare with. */
  readonly client: Client
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** One difference from the server's schema. */
export interface Drift {
  /** What differs: the type as this package knows it, or the data of the block. */
  readonly of: 'type' | 'block'
  /** The path of the field, such as `aws_client_parameters.use_ssl`. */
  readonly field: string
  /** What the server's schema says, in words: `string or null`, `secret, required`, `nothing`. */
  readonly expected: string
  /** What this package knows, or the kind of what the block has; never a value. */
  readonly found: string
}

/** How a block, and its type here, differ from the server's schema of that type. */
export interface DriftReport {
  /** The block, `type-slug/block-name`, or the slug alone when it has no name. */
  readonly block: string
  /** The version of the server's schema: that of the Python package it comes from. */
  readonly serverVersion: string
  /** The version that this package's type was generated from; undefined for a custom type. */
  readonly knownVersion: string | undefined
  /** The differences; none when all is as the server says. */
  readonly drifts: readonly Drift[]
  /** All of it for people, a line each. */
  readonly text: string
}

/**
 * Compares a block with the server's schema of its type (of several the one of the highest version):
 * which fields are new, gone or of another kind in this package's type, and which fields of the
 * block itself do not fit. A block nested in it is compared by its type only.
 *
 * Rejects with a `BlockError`: `TYPE_NOT_FOUND`, `INVALID_DATA` for what is no block.
 *
 * @example
 * const { drifts, text } = await describeDrift(block, { client })
 * if (drifts.length > 0) console.warn(text)
 */
export async function describeDrift(
  block: Block | BlockDocument | BlockObject,
  options: DescribeDriftOptions,
): Promise<DriftReport> {
  return await (await import('./drift.ts')).describeDrift(block, options)
}
