/** At most five of `names` that someone who typed `wanted` may have meant, the nearest first. */
export function nearNames(wanted: string, names: Iterable<string>): string[] {
  const farthest = Math.max(2, Math.floor(wanted.length / 3))
  const near: { name: string; distance: number }[] = []
  for (const name of new Set(names)) {
    const distance = editDistance(wanted, name)
    const related = wanted !== '' && (name.includes(wanted) || wanted.includes(name))
    if (distance <= farthest || related) near.push({ name, distance })
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return near.slice(0, 5).map(({ name }) => name)
}

/** Levenshtein's distance: insertions, deletions and replacements of single UTF-16 units. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const removed = (previous[column] ?? 0) + 1
      const added = (current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, removed, added))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
