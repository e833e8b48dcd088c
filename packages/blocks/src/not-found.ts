import { isApiError } from '@prefect-ts/api'
import type { Client } from '@prefect-ts/api'
import { BlockError } from './errors.ts'
import { nearNames } from './near-names.ts'

/** A block's address on a server. */
export interface BlockAddress {
  /** The block type's slug. */
  readonly slug: string
  /** The block's name. */
  readonly name: string
}

interface Asking {
  readonly client: Client
  readonly signal?: AbortSignal | undefined
}

/**
 * The error for a block that the server answered 404 for: asks which of type and name is missing,
 * and for the names that come near. Rejects with the client's error when the server cannot say.
 */
export async function notFound(
  { slug, name }: BlockAddress,
  { client, signal }: Asking,
  cause: unknown,
): Promise<BlockError> {
  const block = `${slug}/${name}`
  const server = withoutUserinfo(client.apiUrl)
  if (await typeExists(slug, { client, signal })) {
    const names = await namesOf(slug, { client, signal })
    return new BlockError(
      `Block "${block}" was not found on ${server}. ` +
        (names.length === 0
          ? `It has no "${slug}" block at all. `
          : `${suggestion('names', nearNames(name, names))} `) +
        "Correct the name, or create the block in Prefect's UI or from Python.",
      { code: 'NOT_FOUND', block, cause },
    )
  }
  return typeNotFound(slug, { client, signal }, block, cause)
}

/** The error for a block type that the server does not have, with the types that come near. */
export async function typeNotFound(
  slug: string,
  { client, signal }: Asking,
  block: string = slug,
  cause?: unknown,
): Promise<BlockError> {
  const slugs = await knownSlugs({ client, signal })
  return new BlockError(
    `Block "${block}": the block type "${slug}" does not exist on ${withoutUserinfo(client.apiUrl)}. ` +
      `${suggestion('types', nearNames(slug, slugs))} ` +
      'Correct the slug, or register the type with "prefect block register".',
    { code: 'TYPE_NOT_FOUND', block, cause },
  )
}

/** The error for a document id that the server answered 404 for. */
export function documentNotFound(id: string, client: Client, cause: unknown): BlockError {
  const server = withoutUserinfo(client.apiUrl)
  return new BlockError(
    `Block document "${id}" was not found on ${server}. It may have been deleted, or be another server's.`,
    { code: 'NOT_FOUND', block: id, cause },
  )
}

async function typeExists(slug: string, { client, signal }: Asking): Promise<boolean> {
  try {
    await client.get('/block_types/slug/{slug}', { path: { slug }, signal })
    return true
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return false
    throw error
  }
}

async function namesOf(slug: string, { client, signal }: Asking): Promise<string[]> {
  const documents = await client.post('/block_documents/filter', {
    body: { block_types: { slug: { any_: [slug] } }, include_secrets: false },
    signal,
  })
  return documents.flatMap(({ name }) => name ?? [])
}

async function knownSlugs({ client, signal }: Asking): Promise<string[]> {
  const types = await client.post('/block_types/filter', { body: {}, signal })
  return types.map(({ slug }) => slug)
}

function suggestion(what: string, near: readonly string[]): string {
  if (near.length === 0) return `No ${what} come near.`
  return `Near ${what}: ${near.map((name) => `"${name}"`).join(', ')}.`
}

/** The address as it may be shown: `http://user:password@host` is a legal API URL. */
function withoutUserinfo(apiUrl: string): string {
  return apiUrl.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
}
