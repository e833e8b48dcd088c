import { isApiError } from '@prefect-ts/api'
import type { Client } from '@prefect-ts/api'
import type { Block, BlockOf, BlockOfType, BlockReference } from './block.ts'
import type { BlockDefinition } from './define-block.ts'
import type { BlockDocument } from './document.ts'
import { BlockError } from './errors.ts'
import type { BlockAddress } from './not-found.ts'
import { blockSource, parseSource } from './parse-block.ts'
import { parseContext } from './parse-context.ts'
import type { ReadSources } from './parse-context.ts'

export interface LoadBlockOptions<Definition extends BlockDefinition = never> {
  /** The server to read from. */
  readonly client: Client
  /** Block types of your own, by {@link defineBlock}. */
  readonly types?: readonly Definition[] | undefined
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the block `type-slug/block-name` from the server, secrets included, in one request; blocks
 * that it refers to within lists and dicts take one more request a level.
 *
 * A literal reference gives the exact type; any other string gives a union to narrow on `type`.
 * Rejects with a `BlockError` when there is no such block or its data does not fit, and with the
 * `ApiError` of the client when the server cannot be asked.
 *
 * @example
 * const block = await loadBlock('s3-bucket/willowdata', { client })
 * block.data.bucket_name
 */
export async function loadBlock<
  const Reference extends BlockReference,
  const Definition extends BlockDefinition = never,
>(
  reference: Reference,
  options: LoadBlockOptions<Definition>,
): Promise<BlockOf<Reference, Definition>> {
  const address = parseReference(reference)
  try {
    return await readBlock<Reference, Definition>(address, options)
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw await refused(error, reference)
    const { notFound } = await import('./not-found.ts')
    throw await notFound(address, options, error)
  }
}

/** Like {@link loadBlock}, but resolves to undefined when the type or the block does not exist. */
export async function findBlock<
  const Reference extends BlockReference,
  const Definition extends BlockDefinition = never,
>(
  reference: Reference,
  options: LoadBlockOptions<Definition>,
): Promise<BlockOf<Reference, Definition> | undefined> {
  const address = parseReference(reference)
  try {
    return await readBlock<Reference, Definition>(address, options)
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw await refused(error, reference)
  }
}

/**
 * Reads the block of a document id: what `{ $ref: { block_document_id } }` in parameters and job
 * variables names. Gives the union to narrow on `type`. Rejects as {@link loadBlock} does.
 */
export async function loadBlockById<const Definition extends BlockDefinition = never>(
  id: string,
  options: LoadBlockOptions<Definition>,
): Promise<BlockOfType<string, Definition>>
export async function loadBlockById(
  id: string,
  options: LoadBlockOptions<BlockDefinition>,
): Promise<Block> {
  const { client, signal } = options
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) {
    throw new BlockError(
      `Block "${id}": the id of a block document is a UUID. A name goes to loadBlock.`,
      { code: 'INVALID_NAME', block: id },
    )
  }
  try {
    const document = await client.get('/block_documents/{id}', {
      path: { id },
      query: { include_secrets: true },
      signal,
    })
    return await parseDocument(document, options)
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw await refused(error, id)
    const { documentNotFound } = await import('./not-found.ts')
    throw documentNotFound(id, client, error)
  }
}

/** The cast from "some block" to the block that the literal promises happens in this signature. */
async function readBlock<Reference extends string, Definition extends BlockDefinition>(
  address: BlockAddress,
  options: LoadBlockOptions<Definition>,
): Promise<BlockOf<Reference, Definition>>
async function readBlock(
  { slug, name }: BlockAddress,
  options: LoadBlockOptions<BlockDefinition>,
): Promise<Block> {
  // Without include_secrets the server also gives a `secret` block's JSON object in clear.
  const document = await options.client.get(
    '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
    {
      path: { slug, block_document_name: name },
      query: { include_secrets: true },
      signal: options.signal,
    },
  )
  return await parseDocument(document, options)
}

async function parseDocument(
  document: BlockDocument,
  { client, signal, types }: LoadBlockOptions<BlockDefinition>,
): Promise<Block> {
  let read: ReadSources | undefined
  const readSources: ReadSources = async (ids) => {
    read ??= (await import('./read-sources.ts')).readSourcesFrom(client, signal)
    return await read(ids)
  }
  return await parseSource(blockSource(document), parseContext(types, readSources))
}

async function refused(error: unknown, block: string): Promise<unknown> {
  if (!isApiError(error, 'INVALID_REQUEST')) return error
  const { refusal } = await import('./refusal.ts')
  return refusal(error, `Block "${block}" could not be read`, block)
}

/** Splits `type-slug/block-name`; throws a `BlockError` `INVALID_NAME` for anything else. */
export function parseReference(reference: string): BlockAddress {
  // From JavaScript, or a variable that is not set.
  const text = typeof reference === 'string' ? reference : typeof reference
  const parts = text.split('/')
  const [slug, name] = parts
  // "." and ".." would change the path of the request.
  if (slug && name && parts.length === 2 && !parts.includes('.') && !parts.includes('..')) {
    return { slug, name }
  }
  throw new BlockError(
    `Block "${text}": a block is named by its type and its name with one slash between, ` +
      'such as "s3-bucket/willowdata".',
    { code: 'INVALID_NAME', block: text },
  )
}
