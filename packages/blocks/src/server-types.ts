import type { Client, Schemas } from '@prefect-ts/api'
import { isApiError } from '@prefect-ts/api'

export interface Asking {
  readonly client: Client
  readonly signal?: AbortSignal | undefined
}

export type ServerBlockType = Schemas['BlockType']
export type ServerBlockSchema = Schemas['BlockSchema']

/** A block type by its slug; undefined where the server has none. */
export async function findBlockType(
  slug: string,
  { client, signal }: Asking,
): Promise<ServerBlockType | undefined> {
  try {
    return await client.get('/block_types/slug/{slug}', { path: { slug }, signal })
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/**
 * The schema of a type that a new block should have: of the highest version, of several the newest.
 * Not simply the newest: a server registers its bundled collection, old versions, last.
 */
export async function newestSchema(
  blockTypeId: string,
  { client, signal }: Asking,
): Promise<ServerBlockSchema | undefined> {
  const schemas: ServerBlockSchema[] = []
  const body = { block_schemas: { block_type_id: { any_: [blockTypeId] } } }
  for await (const schema of client.paginate('/block_schemas/filter', { body, signal })) {
    schemas.push(schema)
  }
  return schemas.toSorted(
    (a, b) =>
      compareVersions(b.version ?? '', a.version ?? '') ||
      String(b.created).localeCompare(String(a.created)),
  )[0]
}

/** Release numbers from left to right; what is no version (`non-versioned`) comes before all. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    /^\d/.test(version) ? version.split(/\D+/).map(Number) : [],
  ) as [number[], number[]]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? -1) - (right[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}
