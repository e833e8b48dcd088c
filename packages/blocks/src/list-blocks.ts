import type { BlockSummary, ListBlocksOptions } from './manage.ts'
import { typeNotFound } from './not-found.ts'
import { findBlockType } from './server-types.ts'

export async function* listBlocks(options: ListBlocksOptions): AsyncGenerator<BlockSummary> {
  const { client, signal, pageSize } = options
  const types = listOf(options.type)
  const capabilities = listOf(options.capability)
  const { name } = options
  const pattern = name === undefined ? undefined : globPattern(name)
  let found = false
  const documents = client.paginate('/block_documents/filter', {
    body: {
      include_secrets: false,
      // By name alone, blocks of equal names could change places between two pages.
      sort: 'BLOCK_TYPE_AND_NAME_ASC',
      ...(types && { block_types: { slug: { any_: types } } }),
      ...(capabilities && { block_schemas: { block_capabilities: { all_: capabilities } } }),
      ...(name !== undefined && {
        // A filter of documents shows anonymous ones unless it says no.
        block_documents: { is_anonymous: { eq_: false }, name: nameFilter(name) },
      }),
    },
    pageSize,
    signal,
  })
  for await (const document of documents) {
    const type = document.block_type?.slug
    if (type === undefined || document.name === null || document.name === undefined) continue
    found = true
    if (pattern?.test(document.name) === false) continue
    yield {
      id: document.id,
      reference: `${type}/${document.name}`,
      type,
      name: document.name,
      capabilities: [...(document.block_schema?.capabilities ?? [])].toSorted(),
      updated: document.updated === null ? undefined : new Date(document.updated),
    }
  }
  if (found) return
  for (const slug of types ?? []) {
    // oxlint-disable-next-line no-await-in-loop -- few, and only when nothing was found
    if ((await findBlockType(slug, options)) === undefined) throw await typeNotFound(slug, options)
  }
}

function listOf(value: string | readonly string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? [value] : [...value]
}

/** What the server can compare itself: the whole name, or the longest part without wildcards. */
function nameFilter(glob: string): { any_: string[] } | { like_: string } {
  if (!/[*?]/.test(glob)) return { any_: [glob] }
  const parts = glob.split(/[*?]/).toSorted((a, b) => b.length - a.length)
  // "_" and "%" are wildcards to it: it finds more, never less.
  return { like_: parts[0] ?? '' }
}

function globPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}
