// Pieces that some join, URL parser or server is known to treat in a way of its own.
const pieces =
  '/ / / / // a b folder folder/ base x.csv . .. ... ~ %2e %2F % + = & ; : @ , ! \' " ( ) * [ ] { } | ^ < > $ ` \\ ? # gs:// s3: - é e\u0301 日本 😀 \u00a0 \u2028 \ufeff dataset=flights rundate=2013'
    .split(' ')
    .concat(' ', '  ')

/**
 * Random paths, always the same ones for a seed. Many are no keys.
 *
 * @yields One path after the other, without end.
 */
export function* randomPaths(seed: number): Generator<string> {
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (;;) {
    const parts = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)] ?? '')
    yield parts.join('')
  }
}

/** Keys that the store accepts, each with an object of its own. */
export function randomKeys(
  store: { locate(key: string): string },
  count: number,
  seed: number,
): string[] {
  const keys = new Map<string, string>()
  for (const path of randomPaths(seed)) {
    let place
    try {
      place = store.locate(path)
    } catch {
      continue
    }
    if (!keys.has(place)) keys.set(place, path)
    if (keys.size === count) break
  }
  return [...keys.values()]
}
