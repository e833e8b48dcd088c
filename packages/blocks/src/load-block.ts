import { isApiError } from '@prefect-ts/api'
import type { Client } from '@prefect-ts/api'
import type { AnyBlock, BlockOf } from './block.ts'
import { BlockError } from './errors.ts'
import type { BlockReference } from './not-found.ts'
import { parseBlock } from './parse-block.ts'

export interface LoadBlockOptions {
  /** The server to read from. */
  readonly client: Client
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the block `type-slug/block-name` from the server, secrets included, in one request.
 *
 * A literal reference gives the exact type; any other string gives a union to narrow on `type`.
 * Rejects with a `BlockError` when there is no such block or its data does not fit, and with the
 * `ApiError` of the client when the server cannot be asked.
 *
 * @example
 * const block = await loadBlock('s3-bucket/willowdata', { client })
 * block.data.bucket_name
 */
export async function loadBlock<const Reference extends string>(
  reference: Reference,
  options: LoadBlockOptions,
): Promise<BlockOf<Reference>> {
  const address = parseReference(reference)
  try {
    return await readBlock<Reference>(address, options)
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw error
    const { notFound } = await import('./not-found.ts')
    throw await notFound(address, options, error)
  }
}

/** Like {@link loadBlock}, but resolves to undefined when the type or the block does not exist. */
export async function findBlock<const Reference extends string>(
  reference: Reference,
  options: LoadBlockOptions,
): Promise<BlockOf<Reference> | undefined> {
  const address = parseReference(reference)
  try {
    return await readBlock<Reference>(address, options)
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** The cast from "some block" to the block that the literal promises happens in this signature. */
async function readBlock<Reference extends string>(
  address: BlockReference,
  options: LoadBlockOptions,
): Promise<BlockOf<Reference>>
async function readBlock(
  { slug, name }: BlockReference,
  { client, signal }: LoadBlockOptions,
): Promise<AnyBlock> {
  // Without include_secrets the server also gives a `secret` block's JSON object in clear.
  const document = await client.get(
    '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
    { path: { slug, block_document_name: name }, query: { include_secrets: true }, signal },
  )
  return await parseBlock(document)
}

/** Splits `type-slug/block-name`; throws a `BlockError` `INVALID_NAME` for anything else. */
export function parseReference(reference: string): BlockReference {
  const parts = reference.split('/')
  const [slug, name] = parts
  // "." and ".." would change the path of the request.
  if (slug && name && parts.length === 2 && !parts.includes('.') && !parts.includes('..')) {
    return { slug, name }
  }
  throw new BlockError(
    `Block "${reference}": a block is named by its type and its name with one slash between, ` +
      'such as "s3-bucket/willowdata".',
    { code: 'INVALID_NAME', block: reference },
  )
}
