/** One page of a list. */
export interface Page<Item, Cursor> {
  items: readonly Item[]
  /** Where the next page begins; `undefined` after the last. */
  next: Cursor | undefined
}

/**
 * The items of all pages in turn. The next page is asked for when half of the present one is taken, never
 * more than one ahead; ending the loop early ends a request under way.
 *
 * @yields the items
 */
export async function* readAhead<Item, Cursor>(
  first: Cursor,
  readPage: (cursor: Cursor, signal: AbortSignal) => Promise<Page<Item, Cursor>>,
  signal?: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  const stopped = new AbortController()
  const either = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal])
  const start = (cursor: Cursor | undefined): Promise<Page<Item, Cursor>> | undefined => {
    if (cursor === undefined) return undefined
    const page = readPage(cursor, either)
    // Its failure is reported when its turn comes, or never when the loop ends before.
    page.catch(() => {})
    return page
  }
  try {
    for (let pending = start(first); pending !== undefined;) {
      const { items, next }: Page<Item, Cursor> = await pending
      pending = undefined
      for (const [index, item] of items.entries()) {
        signal?.throwIfAborted()
        if (index === items.length >> 1) pending = start(next)
        yield item
      }
      if (items.length === 0) pending = start(next)
    }
  } finally {
    stopped.abort(new Error('The loop over the pages was ended'))
  }
}
