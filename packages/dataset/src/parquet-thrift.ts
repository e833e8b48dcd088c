/** A value of Thrift's compact protocol; binary values are not kept, numbers past 2^53 are rounded. */
export type ThriftValue = number | boolean | undefined | ThriftStruct | readonly ThriftValue[]

/** A struct of Thrift's compact protocol, by field number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>

const MAX_DEPTH = 64

/**
 * Reads one struct of Thrift's compact protocol as hyparquet does, but fails where that would go on and on: in numbers longer than their
 * type, lists longer than the bytes that are left, structs deeper than 64.
 */
export function readThrift(bytes: Uint8Array, start: number): { value: ThriftStruct; end: number } {
  let offset = start
  return { value: struct(0), end: offset }

  function byte(): number {
    const value = bytes[offset]
    if (value === undefined) throw new Error('ends within a header')
    offset += 1
    return value
  }

  function varint(maxBytes: number): number {
    let value = 0
    for (let index = 0; index < maxBytes; index++) {
      const part = byte()
      value += (part & 0x7f) * 2 ** (7 * index)
      if (part < 0x80) return value
    }
    throw new Error(`holds a number of more than ${maxBytes} bytes at byte ${offset} of it`)
  }

  function zigzag(maxBytes: number): number {
    const value = varint(maxBytes)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  function skip(length: number): undefined {
    if (length > bytes.byteLength - offset) throw new Error('holds a text longer than what is left')
    offset += length
  }

  function struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new Error(`is nested deeper than ${MAX_DEPTH}`)
    const fields = new Map<number, ThriftValue>()
    let id = 0
    for (;;) {
      const head = byte()
      const type = head & 0x0f
      if (type === 0) return fields
      id = head >> 4 === 0 ? zigzag(3) : id + (head >> 4)
      fields.set(id, element(type, depth))
    }
  }

  function element(type: number, depth: number): ThriftValue {
    if (type === 1 || type === 2) return type === 1
    if (type === 3) return byte()
    if (type === 4 || type === 5) return zigzag(5)
    if (type === 6) return zigzag(10)
    if (type === 7) return skip(8)
    if (type === 8) return skip(varint(5))
    if (type === 9) return list(depth)
    if (type === 12) return struct(depth + 1)
    throw new Error(`holds a value of the unknown type ${type}`)
  }

  function list(depth: number): readonly ThriftValue[] {
    if (depth > MAX_DEPTH) throw new Error(`is nested deeper than ${MAX_DEPTH}`)
    const head = byte()
    const type = head & 0x0f
    const size = head >> 4 === 15 ? varint(5) : head >> 4
    // Every element has a byte or more.
    if (size > bytes.byteLength - offset) throw new Error('holds a list longer than what is left')
    const values: ThriftValue[] = []
    for (let index = 0; index < size; index++) {
      values.push(type === 1 || type === 2 ? byte() === 1 : element(type, depth + 1))
    }
    return values
  }
}
