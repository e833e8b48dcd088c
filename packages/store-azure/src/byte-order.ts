import type { Entry } from '@prefect-ts/store'

const special = /[\ud800-\uffff]/

/**
 * Entries in UTF-8 byte order, of ones in UTF-16 order, which Azurite gives. The two differ only between characters
 * beyond U+FFFF and those from U+E000 on, and whatever stands between two names of the wrong order has one of them too:
 * so only such runs are held back and sorted.
 *
 * @yields The entries.
 */
export async function* inByteOrder(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  let run: { entry: Entry; bytes: Buffer }[] = []
  const sorted = (): Entry[] =>
    run.toSorted((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ entry }) => entry)
  for await (const entry of entries) {
    if (special.test(entry.key)) {
      run.push({ entry, bytes: Buffer.from(entry.key) })
      continue
    }
    if (run.length > 0) {
      yield* sorted()
      run = []
    }
    yield entry
  }
  yield* sorted()
}
