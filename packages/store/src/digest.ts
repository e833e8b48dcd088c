import type { Digest } from './store.ts'

/** A digest in the making. */
export interface DigestStream {
  /** Takes the next bytes. */
  update(bytes: Uint8Array): void
  /** The digest of all bytes so far, in lower-case hex. */
  hex(): string
}

/** Starts a digest. */
export async function createDigest(algorithm: Digest['algorithm']): Promise<DigestStream> {
  if (algorithm === 'crc32') return checksum((await import('node:zlib')).crc32)
  if (algorithm === 'crc32c') return checksum(crc32c)
  const { createHash } = await import('node:crypto')
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

function checksum(step: (bytes: Uint8Array, value: number) => number): DigestStream {
  let value = 0
  return {
    update(bytes) {
      value = step(bytes, value)
    },
    hex: () => value.toString(16).padStart(8, '0'),
  }
}

let table: Uint32Array | undefined

/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a time; Node has only the other CRC-32. The table holds
 * eight of 256 entries after one another: the first is the CRC of a byte, each further one that of a zero byte more.
 */
function crc32c(bytes: Uint8Array, value: number): number {
  table ??= makeTable()
  const words = table
  const at = (zeros: number, byte: number): number => words[zeros * 256 + byte] ?? 0
  const get = (position: number): number => bytes[position] ?? 0
  const end = bytes.byteLength
  let crc = ~value
  let index = 0
  for (; index + 8 <= end; index += 8) {
    crc ^= get(index) | (get(index + 1) << 8) | (get(index + 2) << 16) | (get(index + 3) << 24)
    crc =
      at(7, crc & 255) ^
      at(6, (crc >>> 8) & 255) ^
      at(5, (crc >>> 16) & 255) ^
      at(4, crc >>> 24) ^
      at(3, get(index + 4)) ^
      at(2, get(index + 5)) ^
      at(1, get(index + 6)) ^
      at(0, get(index + 7))
  }
  for (; index < end; index++) crc = at(0, (crc ^ get(index)) & 255) ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTable(): Uint32Array {
  const words = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
    words[byte] = crc
  }
  for (let index = 256; index < words.length; index++) {
    const before = words[index - 256] ?? 0
    words[index] = (words[before & 255] ?? 0) ^ (before >>> 8)
  }
  return words
}
