import { RunError } from './errors.ts'
import type { OpenStoreOptions, Run } from './run.ts'

/** A block of Prefect's result storage, and what can open it. */
export interface ResultStorage extends OpenStoreOptions {
  /**
   * Block of a file system that Python can read results from too, as `slug/name`. One that the flow names wins.
   * @default what Prefect's own setting `PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK` names; without it into the state itself
   */
  block?: string | undefined
}

/** How a state carries a result: the value itself, or where its record lies (Prefect's `ResultRecordMetadata`). */
export type StateData = unknown

/** Prefect keeps state data in its database and sends it with every state: small results only. */
const maxInlineBytes = 16 * 1024

/** A result in the state itself. Rejects with `INVALID_RESULT` what is too large, or what Python would take for metadata. */
export function inlineResult(valueText: string): StateData {
  const value: unknown = JSON.parse(valueText)
  const bytes = Buffer.byteLength(valueText)
  const problem =
    bytes > maxInlineBytes
      ? `takes ${bytes} bytes of JSON, and a state holds ${maxInlineBytes}`
      : isMetadataLike(value)
        ? 'is an object that Prefect would take for the place of a stored result'
        : undefined
  if (problem === undefined) return value
  throw new RunError(
    'INVALID_RESULT',
    `The job's result ${problem}. Name a block for results: resultStorage: { block: 'slug/name', adapters }.`,
  )
}

/** `state.data` of Python is parsed into one of these by its fields (`State.data` of prefect.client.schemas). */
function isMetadataLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'storage_key' in value || ('type' in value && value.type === 'unpersisted')
}

/**
 * Writes a result as Prefect's own JSON record into a block's storage, and reads back that it is there. Resolves to the
 * metadata that belongs into the state: Python's `state.result()` follows it. Mirrors `ResultRecord` of
 * prefect.results, always wrapped: the raw form of flow results breaks on keys "result" and "data".
 */
export async function storeResult(
  valueText: string,
  storage: ResultStorage & { block: string },
  run: Pick<Run, 'loadBlock' | 'openStore'>,
): Promise<StateData> {
  const block = await run.loadBlock(storage.block)
  if (block.id === undefined) {
    throw new RunError(
      'UNKNOWN_DATASTORE',
      `The result can't go to ${storage.block}: Python finds stored results by the id of a block on the server, and this one was given by hand.`,
    )
  }
  const metadata = {
    storage_key: `prefect-ts-${crypto.randomUUID()}`,
    expiration: null,
    serializer: { type: 'json' },
    storage_block_id: block.id,
  }
  const record = JSON.stringify({ metadata, result: valueText })
  const store = await run.openStore(storage.block, { adapters: storage.adapters })
  await store.put(metadata.storage_key, record)
  const written = await store.head(metadata.storage_key)
  if (written?.size === Buffer.byteLength(record)) return metadata
  throw new RunError(
    'RESULT_NOT_STORED',
    `The result was written to ${storage.block}, but is not there: nothing was handed to the flow.`,
  )
}
