/** What `walkHybrid` looks for. */
export interface HybridLimits {
  /** The highest number that may be there. */
  readonly most: number
  /** What is wrong when a higher one is. */
  readonly reason: string
  /** The number to count. */
  readonly wanted?: number | undefined
}

/**
 * Walks through numbers in the hybrid of run lengths and packed bits, of `width` bits each. Fails where a number is higher than it may be, and where the runs do not
 * hold `count` numbers (the last packed ones may be filled up) or go beyond the bytes.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 * @returns How many of the numbers are the wanted one.
 */
export function walkHybrid(
  bytes: Uint8Array,
  width: number,
  count: number,
  limits: HybridLimits,
): number {
  const { most, reason, wanted } = limits
  if (width > 32) throw new Error(`has numbers of ${width} bits`)
  let offset = 0
  let seen = 0
  let found = 0
  while (seen < count) {
    const header = readVarint(bytes, offset)
    offset = header.end
    if (header.value % 2 === 0) {
      const times = header.value / 2
      if (times > count - seen)
        throw new Error(`repeats a number ${times} times, ${count - seen} are left`)
      const length = (width + 7) >> 3
      if (length > bytes.byteLength - offset) throw new Error('ends within a repeated number')
      let value = 0
      for (let index = 0; index < length; index++) {
        value += (bytes[offset + index] ?? 0) * 2 ** (8 * index)
      }
      if (value >= 2 ** width) throw new Error(`has a number of more than ${width} bits`)
      offset += length
      if (value > most && times > 0) throw new Error(reason)
      if (value === wanted) found += times
      seen += times
    } else {
      const packed = ((header.value - 1) / 2) * 8
      // DuckDB fills up to 256; without bits nothing else bounds the reader's loop.
      if (packed > (width === 0 ? count - seen + 256 : 2 ** 27)) {
        throw new Error(`packs ${packed} numbers, ${count - seen} are left`)
      }
      const used = Math.min(packed, count - seen)
      // Some writers leave out the bytes that only fill up.
      if (Math.ceil((used * width) / 8) > bytes.byteLength - offset) {
        throw new Error('ends within packed numbers')
      }
      found += walkPacked(bytes, offset, width, used, limits)
      offset += (packed / 8) * width
      seen += used
    }
  }
  return found
}

function walkPacked(
  bytes: Uint8Array,
  start: number,
  width: number,
  count: number,
  { most, reason, wanted }: HybridLimits,
): number {
  const isAnyAllowed = most >= 2 ** width - 1
  if (isAnyAllowed && wanted === undefined) return 0
  if (isAnyAllowed && width === 1 && wanted === 1) return countBits(bytes, start, count)
  if (width > 24) {
    // More bits than shifts have.
    for (let index = 0; index < count; index++) {
      const value = readBits(bytes, start, index * width, width) >>> 0
      if (value > most) throw new Error(reason)
    }
    return 0
  }
  const mask = 2 ** width - 1
  let offset = start
  let bits = 0
  let held = 0
  let found = 0
  for (let index = 0; index < count; index++) {
    while (held < width) {
      bits |= (bytes[offset] ?? 0) << held
      offset += 1
      held += 8
    }
    const value = bits & mask
    if (value > most) throw new Error(reason)
    if (value === wanted) found += 1
    bits >>>= width
    held -= width
  }
  return found
}

/** How many of the first `count` bits are set. */
function countBits(bytes: Uint8Array, start: number, count: number): number {
  const whole = start + (count >> 3)
  let found = 0
  for (let offset = start; offset < whole; offset++) found += ONES[bytes[offset] ?? 0] ?? 0
  const last = (bytes[whole] ?? 0) & (2 ** (count & 7) - 1)
  return found + (ONES[last] ?? 0)
}

const ONES = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
)

/**
 * Walks through integers in the delta encoding and fails where its blocks are not those of `count` integers or go beyond the bytes. Puts the integers
 * into `values` when that is given, modulo 2^32.
 *
 * @returns Where they end.
 */
export function walkDelta(
  bytes: Uint8Array,
  start: number,
  count: number,
  values?: Int32Array,
): number {
  const blockSize = readVarint(bytes, start)
  const blocks = readVarint(bytes, blockSize.end)
  const total = readVarint(bytes, blocks.end)
  const first = readVarint(bytes, total.end)
  const each = blockSize.value / blocks.value
  // The format says multiples of 32; whole bytes are what the reader needs.
  if (!Number.isInteger(each) || each === 0 || each % 8 !== 0 || blocks.value > bytes.byteLength) {
    throw new Error(`has delta blocks of ${blockSize.value} in ${blocks.value} parts`)
  }
  if (total.value !== count) throw new Error(`has ${total.value} deltas for ${count} values`)
  let offset = first.end
  let value = unzigzag(first.low)
  if (values !== undefined && count > 0) values[0] = value
  let seen = 1
  while (seen < count) {
    const smallest = readVarint(bytes, offset)
    const widths = smallest.end
    offset = widths + blocks.value
    for (let block = 0; block < blocks.value && seen < count; block++) {
      const width = bytes[widths + block] ?? 255
      const length = (each / 8) * width
      if (width > 64) throw new Error(`has deltas of ${width} bits`)
      // The last part may be cut off behind its last value.
      const used = Math.min(each, count - seen)
      if (Math.ceil((used * width) / 8) > bytes.byteLength - offset) {
        throw new Error('ends within deltas')
      }
      if (values !== undefined) {
        for (let index = 0; index < used; index++) {
          value =
            (value + unzigzag(smallest.low) + readBits(bytes, offset, index * width, width)) | 0
          values[seen + index] = value
        }
      }
      seen += used
      offset += length
    }
  }
  return Math.min(offset, bytes.byteLength)
}

/** The lowest 32 of `width` bits at `bit`. */
function readBits(bytes: Uint8Array, start: number, bit: number, width: number): number {
  let value = 0
  for (let index = 0; index < Math.min(width, 32); index++) {
    const at = bit + index
    value |= (((bytes[start + (at >> 3)] ?? 0) >> (at & 7)) & 1) << index
  }
  return value
}

function unzigzag(low: number): number {
  return (low >>> 1) ^ -(low & 1)
}

/** A number of up to 10 bytes, rounded past 2^53, and its lowest 32 bits. */
function readVarint(bytes: Uint8Array, start: number): { value: number; low: number; end: number } {
  let value = 0
  let low = 0
  for (let index = 0; index < 10; index++) {
    const part = bytes[start + index]
    if (part === undefined) throw new Error('ends within a number')
    value += (part & 0x7f) * 2 ** (7 * index)
    if (index < 5) low |= (part & 0x7f) << (7 * index)
    if (part < 0x80) return { value, low, end: start + index + 1 }
  }
  throw new Error('has a number of more than 10 bytes')
}
