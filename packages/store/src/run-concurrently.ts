/**
 * Does `work` for every item, `concurrency` of them at a time. The first failure aborts the signal that the others
 * got; it is thrown when all of them have ended, so nothing goes on behind the caller's back.
 */
export async function runConcurrently<Item>(
  items: readonly Item[],
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  let next = 0

  async function worker(): Promise<void> {
    while (next < items.length) {
      ended.throwIfAborted()
      const item = items[next++] as Item
      await work(item, ended)
    }
  }
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, async () => {
    try {
      await worker()
    } catch (error) {
      failed.abort(error)
    }
  })
  await Promise.all(workers)
  ended.throwIfAborted()
}
