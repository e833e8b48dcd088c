import type { ByteRange } from './store.ts'

/** Where a range of an object of `size` bytes starts and ends. It is empty when the end is not behind the start. */
export function rangeBounds(
  range: ByteRange | undefined,
  size: number,
): [start: number, end: number] {
  if (range === undefined) return [0, size]
  if ('suffixLength' in range) return [Math.max(0, size - range.suffixLength), size]
  return [range.offset, Math.min(size, range.offset + (range.length ?? size))]
}

/** How many bytes a range has of an object of `size` bytes. */
export function rangeLength(range: ByteRange | undefined, size: number): number {
  const [start, end] = rangeBounds(range, size)
  return Math.max(0, end - start)
}
