import { insideOf } from './driver-of.ts'
import { createGuard } from './guard.ts'
import type { Store, StoreCallOptions } from './store.ts'

// How far the clocks of this machine and of the backend may be apart, and how long a begin may take.
const clockSlackMs = 120_000

/** What `sweepUploads` has done. */
export interface SweepResult {
  /** Uploads that were aborted. */
  readonly aborted: number
  /** Uploads of crashed processes that could not be aborted now: the next sweep tries again. */
  readonly left: number
}

/**
 * Aborts the uploads in parts that crashed processes of this machine and user have left in this store: their parts cost
 * money and no listing shows them. Others' uploads are not touched. Of a process that ended before it knew its upload's
 * id, uploads of the very key count that were begun at that time and hold no part. Stores begin their first upload in
 * parts with a sweep in the background.
 */
export async function sweepUploads(
  store: Store,
  options: StoreCallOptions = {},
): Promise<SweepResult> {
  const { signal } = options
  signal?.throwIfAborted()
  const { driver, stallTimeoutMs = 0, journalFolder } = insideOf(store) ?? {}
  const { multipart } = driver ?? {}
  let aborted = 0
  let left = 0
  if (driver === undefined || multipart?.pending === undefined) return { aborted, left }
  const [{ abortUpload }, { createUploadJournal }] = await Promise.all([
    import('./multipart.ts'),
    import('./upload-journal.ts'),
  ])
  const findPending = multipart.pending.bind(multipart)
  const journal = createUploadJournal(journalFolder)
  for (const entry of (await journal.read(driver)).filter(({ isAlive }) => !isAlive)) {
    signal?.throwIfAborted()
    const { key, id, startedAt } = entry.record
    const ids = id === undefined ? await unknownOf(key, startedAt) : [id]
    // A running process may have begun one of these: not to be taken for the lost one. It has noted that before it began.
    const running = id === undefined ? await journal.read(driver) : []
    if (running.some(({ isAlive, record }) => isAlive && record.key === key)) continue
    let isClean = true
    for (const each of ids) {
      if (await abortUpload(multipart, key, each, stallTimeoutMs)) aborted++
      else isClean = false
    }
    if (isClean) await entry.close()
    else left++
  }
  return { aborted, left }

  async function unknownOf(key: string, startedAt: number): Promise<string[]> {
    const guard = createGuard(() => 'Cannot list pending uploads', key, signal, stallTimeoutMs)
    try {
      const pending = await guard.wait(findPending(key, guard.call))
      return pending
        .filter((each) => !each.hasParts)
        .filter((each) => Math.abs(each.startedAt.getTime() - startedAt) < clockSlackMs)
        .map((each) => each.id)
    } catch (error) {
      throw guard.explain(error)
    } finally {
      guard.close()
    }
  }
}
