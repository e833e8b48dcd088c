// Not by name, as in compression.ts.
import zlib from 'node:zlib'
import type { Compressors } from 'hyparquet'

type Decompress = (input: Uint8Array, length: number) => Uint8Array

/**
 * What pages are decompressed with, each bounded by the size that the page's header tells: Node's own gzip, brotli and zstd, the Snappy of
 * hyparquet-compressors where that is installed, else the one below, which is slower, and an LZ4. Those of hyparquet and hyparquet-compressors would, on
 * damaged input, run for ever (Snappy, Hadoop's LZ4) or give a page that is partly zeros (LZ4).
 */
export async function loadCompressors(): Promise<Compressors> {
  const snappy = await import('hyparquet-compressors').then(
    (found) => found.compressors.SNAPPY,
    () => undefined,
  )
  return {
    GZIP: bounded((input, maxOutputLength) => zlib.gunzipSync(input, { maxOutputLength })),
    BROTLI: bounded((input, maxOutputLength) =>
      zlib.brotliDecompressSync(input, { maxOutputLength }),
    ),
    ZSTD: bounded((input, maxOutputLength) => zlib.zstdDecompressSync(input, { maxOutputLength })),
    SNAPPY: bounded((input, length) => {
      snappyStart(input, length)
      return (snappy ?? uncompressSnappy)(input, length)
    }),
    LZ4: bounded(uncompressLz4Frames),
    LZ4_RAW: bounded(uncompressLz4),
  }
}

function bounded(decompress: Decompress): Decompress {
  return (input, length) => (length === 0 ? new Uint8Array() : decompress(input, length))
}

/** Where the length in front of raw Snappy ends. Fails when it is another. */
function snappyStart(input: Uint8Array, length: number): number {
  let told = 0
  for (let offset = 0; offset < Math.min(5, input.byteLength); offset++) {
    const part = input[offset] ?? 0
    told += (part & 0x7f) * 2 ** (7 * offset)
    if (part < 0x80 && told === length) return offset + 1
    if (part < 0x80) break
  }
  throw new Error(`has ${told} bytes within Snappy, its header says ${length}`)
}

/**
 * Raw Snappy.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
export function uncompressSnappy(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  const end = input.byteLength
  let offset = snappyStart(input, length)
  let written = 0
  while (offset < end) {
    const tag = input[offset] ?? 0
    offset += 1
    const kind = tag & 3
    const extra = kind === 0 ? Math.max(0, (tag >> 2) - 59) : kind === 3 ? 4 : kind
    if (offset + extra > end) throw new Error('is no valid Snappy')
    let number = 0
    for (let index = 0; index < extra; index++) {
      number += (input[offset + index] ?? 0) * 2 ** (8 * index)
    }
    offset += extra
    if (kind === 0) {
      const size = 1 + (extra === 0 ? tag >> 2 : number)
      if (offset + size > end || written + size > length) throw new Error('is no valid Snappy')
      written = copyLiterals(input, offset, output, written, size)
      offset += size
    } else {
      const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
      const back = kind === 1 ? (tag >> 5) * 256 + number : number
      if (back === 0 || back > written || written + size > length)
        throw new Error('is no valid Snappy')
      written = copyBack(output, written, back, size)
    }
  }
  if (written !== length) throw new Error('is no valid Snappy')
  return output
}

/**
 * A raw block of LZ4.
 *
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
function uncompressLz4(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length)
  const end = input.byteLength
  let offset = 0
  let written = 0
  const sizeFrom = (nibble: number): number => {
    let size = nibble
    for (let part = nibble === 15 ? 255 : 0; part === 255; size += part) {
      if (offset === end) throw new Error('is no valid LZ4')
      part = input[offset] ?? 0
      offset += 1
    }
    return size
  }
  while (offset < end) {
    const token = input[offset] ?? 0
    offset += 1
    const literals = sizeFrom(token >> 4)
    if (offset + literals > end || written + literals > length) throw new Error('is no valid LZ4')
    written = copyLiterals(input, offset, output, written, literals)
    offset += literals
    // The last sequence has no match.
    if (offset === end) break
    const back = (input[offset] ?? 0) + (input[offset + 1] ?? 0) * 256
    offset += 2
    if (offset > end || back === 0 || back > written) throw new Error('is no valid LZ4')
    const size = sizeFrom(token & 15) + 4
    if (written + size > length) throw new Error('is no valid LZ4')
    written = copyBack(output, written, back, size)
  }
  if (written !== length) throw new Error('is no valid LZ4')
  return output
}

/** Hadoop's frames of LZ4: both lengths, big-endian, before each block. Some writers of `LZ4` have one bare block instead. */
function uncompressLz4Frames(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const blocks: Uint8Array[] = []
  let total = 0
  for (let offset = 0; offset < input.byteLength;) {
    if (offset + 8 > input.byteLength) return uncompressLz4(input, length)
    const size = view.getUint32(offset)
    const end = offset + 8 + view.getUint32(offset + 4)
    total += size
    if (end > input.byteLength || total > length) return uncompressLz4(input, length)
    blocks.push(uncompressLz4(input.subarray(offset + 8, end), size))
    offset = end
  }
  return Buffer.concat(blocks)
}

function copyLiterals(
  input: Uint8Array,
  offset: number,
  output: Uint8Array,
  written: number,
  size: number,
): number {
  if (size > 32) output.set(input.subarray(offset, offset + size), written)
  else
    for (let index = 0; index < size; index++) output[written + index] = input[offset + index] ?? 0
  return written + size
}

function copyBack(output: Uint8Array, written: number, back: number, size: number): number {
  if (size > 64 && back >= size) output.copyWithin(written, written - back, written - back + size)
  else {
    // Overlapping: bytes that were just written are copied again.
    for (let at = written; at < written + size; at++) output[at] = output[at - back] ?? 0
  }
  return written + size
}
