// Not by name, as in compression.ts.
import zlib from 'node:zlib'
import type { Compressors, CompressionCodec, ParquetType } from 'hyparquet'
import { walkDelta, walkHybrid } from './parquet-levels.ts'
import { type ThriftStruct, readThrift } from './parquet-thrift.ts'

/** What the footer says of one column in one row group. */
export interface ColumnChunk {
  /** Name of the column, with dots below the top. */
  readonly name: string
  readonly type: ParquetType
  readonly typeLength: number | undefined
  readonly codec: CompressionCodec
  readonly maxDefinition: number
  readonly maxRepetition: number
  /** Where its pages begin and end in the file. */
  readonly start: number
  readonly end: number
  /** Values and nulls of all its pages. */
  readonly values: number
  /** Bytes of all its pages without compression. */
  readonly uncompressed: number
  readonly rows: number
}

// hyparquet keeps a page's values in arrays: more than this in one page is no file that someone has read.
const MAX_VALUES = 2 ** 26

/**
 * Fails where pages are not what hyparquet relies on: it takes their sizes, counts and run lengths as they are, and a single wrong byte can make
 * it read without end, fill the memory or give values of other rows. `bytes` are the file's from byte `base` on.
 */
export function checkPages(
  bytes: Uint8Array,
  base: number,
  chunk: ColumnChunk,
  compressors: Compressors,
): void {
  const end = chunk.end - base
  let offset = chunk.start - base
  let values = 0
  let rows = 0
  let dictionary: number | undefined
  while (values < chunk.values) {
    const at = base + offset
    try {
      const header = readThrift(bytes.subarray(0, end), offset)
      const size = count(header.value, 3, 'compressed size')
      const body = bytes.subarray(header.end, header.end + size)
      if (size > end - header.end)
        throw new Error(`has ${size} bytes, ${end - header.end} are left`)
      const crc = header.value.get(4)
      if (crc !== undefined && zlib.crc32(body) !== Number(crc) >>> 0)
        throw new Error('has another checksum')
      const page = readPage(header.value, body, chunk, compressors, dictionary)
      if (page.kind === 'dictionary') dictionary = page.values
      else {
        values += page.values
        rows += page.rows
      }
      offset = header.end + size
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`the page of column "${chunk.name}" at byte ${at} ${reason}`, { cause })
    }
  }
  if (values !== chunk.values || rows !== chunk.rows) {
    throw new Error(
      `the pages of column "${chunk.name}" at byte ${chunk.start} have ${values} values in ${rows} rows, the footer says ${chunk.values} in ${chunk.rows}`,
    )
  }
  if (chunk.maxRepetition > 0 && offset !== end) {
    throw new Error(`column "${chunk.name}" has ${end - offset} bytes behind its last page`)
  }
}

type Page =
  | { readonly kind: 'dictionary'; readonly values: number }
  | { readonly kind: 'data'; readonly values: number; readonly rows: number }

function readPage(
  header: ThriftStruct,
  body: Uint8Array,
  chunk: ColumnChunk,
  compressors: Compressors,
  dictionary: number | undefined,
): Page {
  const size = count(header, 2, 'uncompressed size')
  if (size > chunk.uncompressed) {
    throw new Error(`has ${size} bytes, more than the ${chunk.uncompressed} of its column`)
  }
  const type = header.get(1)
  if (type === 2) {
    const values = count(struct(header, 7), 1, 'number of values')
    if (dictionary !== undefined) throw new Error('is a second dictionary')
    const page = decompressPage(body, size, chunk, compressors)
    checkPlain(page, values, chunk)
    return { kind: 'dictionary', values }
  }
  if (type === 0) {
    const data = struct(header, 5)
    const values = count(data, 1, 'number of values')
    const page = decompressPage(body, size, chunk, compressors)
    const repetitions = prefixed(page, chunk.maxRepetition, data.get(4))
    const definitions = prefixed(
      page.subarray(repetitions.byteLength),
      chunk.maxDefinition,
      data.get(3),
    )
    const levels = readLevels(repetitions.subarray(4), definitions.subarray(4), values, chunk)
    const rest = page.subarray(repetitions.byteLength + definitions.byteLength)
    checkValues(rest, data.get(2), levels.present, chunk, dictionary)
    return { kind: 'data', values, rows: levels.rows }
  }
  if (type === 3) {
    const data = struct(header, 8)
    const values = count(data, 1, 'number of values')
    const repetition = count(data, 6, 'length of repetition levels')
    const levelBytes = repetition + count(data, 5, 'length of definition levels')
    const isTooLong = levelBytes > body.byteLength || levelBytes > size
    if (isTooLong || (chunk.maxRepetition === 0 && repetition > 0)) {
      throw new Error('has levels of another length than its own')
    }
    if (chunk.maxDefinition === 0 && levelBytes > repetition) {
      throw new Error('has levels for a column without nulls')
    }
    const levels = readLevels(
      body.subarray(0, repetition),
      body.subarray(repetition, levelBytes),
      values,
      chunk,
    )
    const nulls = count(data, 2, 'number of nulls')
    if (values - nulls !== levels.present || count(data, 3, 'number of rows') !== levels.rows) {
      throw new Error(
        `has ${levels.present} values in ${levels.rows} rows, its header says otherwise`,
      )
    }
    const rest = body.subarray(levelBytes)
    const isCompressed = data.get(7) !== false
    const codec = isCompressed ? chunk.codec : 'UNCOMPRESSED'
    const page = decompressPage(rest, size - levelBytes, { ...chunk, codec }, compressors)
    checkValues(page, data.get(4), levels.present, chunk, dictionary)
    return { kind: 'data', values, rows: levels.rows }
  }
  throw new Error(`is of the unknown type ${Number(type)}`)
}

function decompressPage(
  body: Uint8Array,
  size: number,
  { codec }: ColumnChunk,
  compressors: Compressors,
): Uint8Array {
  const page = codec === 'UNCOMPRESSED' ? body : compressors[codec]?.(body, size)
  if (page === undefined)
    throw new Error(`is compressed by ${codec}: npm install hyparquet-compressors`)
  if (page.byteLength !== size) {
    throw new Error(`has ${page.byteLength} bytes without compression, its header says ${size}`)
  }
  return page
}

/** Levels of a page of the first version, with the length in front of them. */
function prefixed(page: Uint8Array, max: number, encoding: unknown): Uint8Array {
  if (max === 0) return page.subarray(0, 0)
  if (encoding !== 3) throw new Error('has levels in an encoding that is not run length')
  if (page.byteLength < 4) throw new Error('ends within its levels')
  const length = new DataView(page.buffer, page.byteOffset).getUint32(0, true)
  if (length > page.byteLength - 4) throw new Error('has levels longer than itself')
  return page.subarray(0, 4 + length)
}

/** How many values are there, not null, and in how many rows. */
function readLevels(
  repetitions: Uint8Array,
  definitions: Uint8Array,
  values: number,
  { maxDefinition, maxRepetition }: ColumnChunk,
): { rows: number; present: number } {
  let rows = values
  let present = values
  if (maxRepetition > 0) {
    const reason = 'has a repetition level that is too high'
    const width = 32 - Math.clz32(maxRepetition)
    rows = walkHybrid(repetitions, width, values, { most: maxRepetition, reason, wanted: 0 })
  }
  if (maxDefinition > 0) {
    const reason = 'has a definition level that is too high'
    const limits = { most: maxDefinition, reason, wanted: maxDefinition }
    present = walkHybrid(definitions, 32 - Math.clz32(maxDefinition), values, limits)
  }
  return { rows, present }
}

function checkValues(
  bytes: Uint8Array,
  encoding: unknown,
  values: number,
  chunk: ColumnChunk,
  dictionary: number | undefined,
): void {
  if (values === 0) return
  if (encoding === 0) {
    checkPlain(bytes, values, chunk)
  } else if (encoding === 2 || encoding === 8) {
    if (dictionary === undefined || chunk.type === 'BOOLEAN')
      throw new Error('lacks its dictionary')
    const reason = `points past its dictionary of ${dictionary}`
    walkHybrid(bytes.subarray(1), bytes[0] ?? 255, values, { most: dictionary - 1, reason })
  } else if (encoding === 3 && chunk.type === 'BOOLEAN') {
    const levels = prefixed(bytes, 1, 3)
    walkHybrid(levels.subarray(4), 1, values, { most: 1, reason: '' })
  } else if (encoding === 5 && (chunk.type === 'INT32' || chunk.type === 'INT64')) {
    walkDelta(bytes, 0, values)
  } else if (encoding === 6 || encoding === 7) {
    checkDeltaTexts(bytes, encoding === 7, values)
  } else if (encoding === 9) {
    exactly(bytes, values * fixedWidth(chunk))
  } else {
    throw new Error(
      `is of the encoding ${Number(encoding)}, which is not supported for ${chunk.type}`,
    )
  }
}

function checkPlain(bytes: Uint8Array, values: number, chunk: ColumnChunk): void {
  if (chunk.type === 'BOOLEAN') {
    exactly(bytes, Math.ceil(values / 8))
  } else if (chunk.type === 'BYTE_ARRAY') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let offset = 0
    for (let index = 0; index < values; index++) {
      if (offset + 4 > bytes.byteLength) throw new Error(`ends before its value ${index + 1}`)
      offset += 4 + view.getUint32(offset, true)
    }
    exactly(bytes, offset)
  } else {
    exactly(bytes, values * fixedWidth(chunk))
  }
}

function checkDeltaTexts(bytes: Uint8Array, hasPrefixes: boolean, values: number): void {
  const prefixes = new Int32Array(hasPrefixes ? values : 0)
  const lengths = new Int32Array(values)
  let offset = hasPrefixes ? walkDelta(bytes, 0, values, prefixes) : 0
  offset = walkDelta(bytes, offset, values, lengths)
  let before = 0
  for (let index = 0; index < values; index++) {
    const prefix = prefixes[index] ?? 0
    const length = lengths[index] ?? 0
    if (prefix < 0 || length < 0 || prefix > before) {
      throw new Error(`has an impossible length of value ${index + 1}`)
    }
    before = prefix + length
    offset += length
  }
  exactly(bytes, offset)
}

function exactly(bytes: Uint8Array, expected: number): void {
  if (bytes.byteLength === expected) return
  throw new Error(`has ${bytes.byteLength} bytes of values, its counts say ${expected}`)
}

const WIDTHS: Readonly<Partial<Record<ParquetType, number>>> = {
  INT32: 4,
  FLOAT: 4,
  INT64: 8,
  DOUBLE: 8,
  INT96: 12,
}

function fixedWidth({ type, typeLength }: ColumnChunk): number {
  const width = type === 'FIXED_LEN_BYTE_ARRAY' ? typeLength : WIDTHS[type]
  if (width === undefined || width <= 0) throw new Error(`is of the type ${type} without a length`)
  return width
}

function struct(header: ThriftStruct, field: number): ThriftStruct {
  const value = header.get(field)
  if (value instanceof Map) return value as ThriftStruct
  throw new Error('lacks the header of its type')
}

function count(header: ThriftStruct, field: number, what: string): number {
  const value = header.get(field)
  if (typeof value === 'number' && value >= 0 && (what.includes('size') || value <= MAX_VALUES)) {
    return value
  }
  throw new Error(`has the ${what} ${Number(value)}`)
}
