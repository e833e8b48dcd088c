import { expect, it } from 'vitest'
import { walkHybrid } from '../src/parquet-levels.ts'

/** Packed numbers of `width` bits, behind the header that tells how many eights of them there are. */
function pack(values: readonly number[], width: number): Uint8Array {
  const eights = Math.ceil(values.length / 8)
  const bytes = new Uint8Array(1 + eights * width)
  bytes[0] = eights * 2 + 1
  values.forEach((value, index) => {
    for (let bit = 0; bit < width; bit++) {
      const at = index * width + bit
      const isSet = Math.floor(value / 2 ** bit) % 2
      bytes[1 + (at >> 3)] = (bytes[1 + (at >> 3)] ?? 0) | (isSet << (at & 7))
    }
  })
  return bytes
}

const widths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32]

it.each(widths)('numbers of %i bits: the highest that may be there, and one more', (width) => {
  const highest = 2 ** width - 1
  const values = Array.from({ length: 37 }, (_, index) => (index * 7919) % highest)
  const most = Math.max(...values)
  const bytes = pack(values, width)
  expect(walkHybrid(bytes, width, 37, { most, reason: 'too high' })).toBe(0)
  const last = pack([...values.slice(0, 36), highest], width)
  const limits = { most: highest - 1, reason: 'too high' }
  expect(() => walkHybrid(last, width, 37, limits)).toThrow('too high')
  // What only fills up is no number of the page.
  expect(walkHybrid(last, width, 36, { ...limits, most })).toBe(0)
})

it.each([1, 2, 3])('counts the wanted ones of %i bits, packed and repeated', (width) => {
  const most = 2 ** width - 1
  for (const count of [1, 7, 8, 9, 63, 64, 65]) {
    const values = Array.from({ length: count }, (_, index) => (index * 31) % (most + 1))
    for (const wanted of [0, most]) {
      const expected = values.filter((value) => value === wanted).length
      const limits = { most, reason: 'too high', wanted }
      expect(walkHybrid(pack(values, width), width, count, limits)).toBe(expected)
    }
  }
  const limits = { most, reason: 'too high', wanted: most }
  expect(walkHybrid(Uint8Array.of(63 * 2, most), width, 63, limits)).toBe(63)
})
