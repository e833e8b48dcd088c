import type { Client } from '@prefect-ts/api'
import type { BlockSource } from './document.ts'
import { toBlockSource } from './document.ts'
import type { ReadSources } from './parse-context.ts'

/** The most documents that the server answers at once (`PREFECT_SERVER_API_DEFAULT_LIMIT`). */
const PAGE = 200

/** Reads documents by id from a server, secrets included, each once. */
export function readSourcesFrom(client: Client, signal: AbortSignal | undefined): ReadSources {
  const known = new Map<string, BlockSource>()
  return async (ids) => {
    const wanted = ids.filter((id) => !known.has(id))
    for (let start = 0; start < wanted.length; start += PAGE) {
      const body = {
        block_documents: { id: { any_: wanted.slice(start, start + PAGE) } },
        include_secrets: true,
      }
      // oxlint-disable-next-line no-await-in-loop -- more than one page is rare
      for (const document of await client.post('/block_documents/filter', { body, signal })) {
        const source = toBlockSource(document)
        if (source?.id !== undefined) known.set(source.id, source)
      }
    }
    return known
  }
}
