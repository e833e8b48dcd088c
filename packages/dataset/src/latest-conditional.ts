import { setTimeout as sleep } from 'node:timers/promises'
import { type Progress, type Store, isStoreError } from '@prefect-ts/store'
import type { Dataset } from './dataset.ts'
import { type LatestState, fromMetadata, isNewer, latestBusy, toMetadata } from './latest.ts'
import { replaceError } from './latest-guard.ts'
import type { LatestContent } from './latest-source.ts'

/** How a guarded write of `latest` is done. */
export interface ReplaceLatestOptions {
  readonly signal: AbortSignal | undefined
  readonly metadata: Readonly<Record<string, string>> | undefined
  readonly contentType: string | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Replace a newer day too. */
  readonly force: boolean
}

/** What came of it. */
export type LatestOutcome =
  | { readonly kind: 'written'; readonly etag: string; readonly content: LatestContent }
  | { readonly kind: 'kept-newer'; readonly current: LatestState }

const MAX_ATTEMPTS = 1_000

/** Replaces `latest` where the store can compare and swap: metadata on the object itself, under If-Match. */
export async function replaceConditionally(
  store: Store,
  dataset: Dataset,
  content: () => Promise<LatestContent>,
  options: ReplaceLatestOptions,
): Promise<LatestOutcome> {
  const { signal, metadata, contentType, onProgress, force } = options
  const path = dataset.latestPath
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const found = await store.head(path, { signal })
    const current = found && fromMetadata(found.metadata)
    if (isNewer(current, dataset, force)) return { kind: 'kept-newer', current }
    const source = await content()
    const { bytes, sha256, rows } = source
    try {
      const put = await store.put(path, source.open(), {
        signal,
        contentType,
        onProgress,
        metadata: { ...metadata, ...toMetadata({ rundate: dataset.rundate, rows, sha256 }) },
        size: bytes,
        sha256,
        ...(found === undefined ? { ifAbsent: true } : { ifMatch: found.etag }),
      })
      // Another writer of the same day may have replaced the dated object since: then latest would be its elder.
      if ((await datedEtag(store, dataset, source, signal)) === source.datedEtag) {
        return { kind: 'written', etag: put.etag, content: source }
      }
    } catch (error) {
      if (!isStoreError(error, 'PRECONDITION_FAILED', 'ALREADY_EXISTS')) {
        throw replaceError(store, dataset, error)
      }
      const most = Math.min(1_000, 5 * 2 ** Math.min(attempt, 8))
      await sleep(Math.random() * most, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
  throw latestBusy(dataset, `other writers were faster ${MAX_ATTEMPTS} times`)
}

async function datedEtag(
  store: Store,
  dataset: Dataset,
  source: LatestContent,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (source.datedEtag === undefined) return undefined
  const found = await store.head(dataset.path, { signal })
  // Deleted meanwhile: nothing newer to copy.
  return found === undefined ? source.datedEtag : found.etag
}
