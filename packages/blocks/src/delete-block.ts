import { isApiError } from '@prefect-ts/api'
import { parseReference } from './load-block.ts'
import type { DeleteBlockOptions } from './manage.ts'

export async function deleteBlock(reference: string, options: DeleteBlockOptions): Promise<void> {
  const { client, signal } = options
  const { slug, name } = parseReference(reference)
  try {
    const { id } = await client.get(
      '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
      { path: { slug, block_document_name: name }, signal },
    )
    await client.delete('/block_documents/{id}', { path: { id }, signal })
  } catch (error) {
    if (!isApiError(error, 'NOT_FOUND')) throw error
  }
}
