import type { ColumnMetaData, FileMetaData, SchemaTree } from 'hyparquet'
import type { ColumnChunk } from './parquet-pages.ts'
import { type ThriftValue, readThrift } from './parquet-thrift.ts'

/** A parquet file by ranges. */
export interface ParquetFile {
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
}

/** One row group, with what is to check of its columns. */
export interface RowGroupPlan {
  readonly rows: number
  readonly chunks: readonly ColumnChunk[]
}

/** The functions of hyparquet that a footer is read with. */
export interface FooterReader {
  parquetMetadata(footer: ArrayBuffer): FileMetaData
  parquetSchema(metadata: FileMetaData): SchemaTree
}

const TAIL_BYTES = 512 * 1024
const MAGIC = 'PAR1'

/** Reads the footer and fails where it contradicts itself or the size of the file. */
export async function readFooter(
  reader: FooterReader,
  file: ParquetFile,
): Promise<{ metadata: FileMetaData; groups: readonly RowGroupPlan[] }> {
  const { byteLength } = file
  if (byteLength < 12) throw new Error(`a file of ${byteLength} bytes is too short`)
  const tailStart = Math.max(0, byteLength - TAIL_BYTES)
  let tail = new Uint8Array(await file.slice(tailStart, byteLength))
  const head = tailStart === 0 ? tail : new Uint8Array(await file.slice(0, 4))
  const end = tail.byteLength
  if (toText(head.subarray(0, 4)) !== MAGIC || toText(tail.subarray(end - 4)) !== MAGIC) {
    throw new Error(`the file does not begin and end with ${MAGIC}`)
  }
  const length = new DataView(tail.buffer).getUint32(end - 8, true)
  if (length > byteLength - 12)
    throw new Error(`a footer of ${length} bytes is longer than the file`)
  const start = byteLength - 8 - length
  if (length + 8 > end) tail = new Uint8Array(await file.slice(start, byteLength))
  const footer = tail.subarray(tail.byteLength - 8 - length)
  checkSchema(readThrift(footer.subarray(0, length), 0).value.get(2))
  const metadata = reader.parquetMetadata(footer.slice().buffer)
  return { metadata, groups: planGroups(metadata, reader.parquetSchema(metadata), start) }
}

/** Fails where elements of the schema have more children than there are: hyparquet would count up to them. */
function checkSchema(elements: ThriftValue): void {
  if (!Array.isArray(elements)) throw new Error('the footer has no schema')
  let children = 0
  for (const element of elements as readonly ThriftValue[]) {
    const own = element instanceof Map ? ((element.get(5) as ThriftValue) ?? 0) : undefined
    if (typeof own !== 'number' || own < 0) throw new Error('the schema has an impossible element')
    children += own
  }
  if (children !== elements.length - 1) {
    throw new Error(`the schema has ${elements.length} elements, ${children} of them below others`)
  }
}

function planGroups(metadata: FileMetaData, tree: SchemaTree, footerStart: number): RowGroupPlan[] {
  const leaves = leavesOf(tree)
  const groups = metadata.row_groups.map(({ num_rows, columns }, index) => {
    const rows = toCount(num_rows, `the number of rows of row group ${index + 1}`)
    if (columns.length !== leaves.length) {
      throw new Error(`row group ${index + 1} has ${columns.length} of ${leaves.length} columns`)
    }
    const chunks = leaves.map((leaf, at) =>
      planChunk(leaf, columns[at]?.meta_data, rows, footerStart, `row group ${index + 1}`),
    )
    return { rows, chunks }
  })
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  const told = toCount(metadata.num_rows, 'the number of rows')
  if (rows !== told) throw new Error(`the row groups have ${rows} rows, the footer says ${told}`)
  return groups
}

interface Leaf {
  readonly path: readonly string[]
  readonly element: SchemaTree['element']
  readonly maxDefinition: number
  readonly maxRepetition: number
}

function leavesOf(node: SchemaTree, maxDefinition = 0, maxRepetition = 0): Leaf[] {
  const { path, element, children } = node
  if (path.length > 0 && children.length === 0)
    return [{ path, element, maxDefinition, maxRepetition }]
  const names = new Set<string>()
  return children.flatMap((child) => {
    const { name, repetition_type: repetition } = child.element
    // `__proto__` would be lost: rows are plain objects.
    if (names.has(name) || name === '__proto__') {
      throw new Error(
        `the schema has the column "${name}" ${name === '__proto__' ? ', which no row can have' : 'twice'}`,
      )
    }
    names.add(name)
    const isOptional = repetition === 'OPTIONAL' || repetition === 'REPEATED'
    if (!isOptional && repetition !== 'REQUIRED') {
      throw new Error(`the schema does not say whether "${name}" can be null`)
    }
    return leavesOf(
      child,
      maxDefinition + (isOptional ? 1 : 0),
      maxRepetition + (repetition === 'REPEATED' ? 1 : 0),
    )
  })
}

function planChunk(
  { path, element, maxDefinition, maxRepetition }: Leaf,
  meta: ColumnMetaData | undefined,
  rows: number,
  footerStart: number,
  where: string,
): ColumnChunk {
  const name = path.join('.')
  const of = `of column "${name}" in ${where}`
  if (meta === undefined || meta.path_in_schema.join('\0') !== path.join('\0')) {
    throw new Error(`the place ${of} belongs to another`)
  }
  const { type, codec } = meta
  if (element.type === undefined || type !== element.type)
    throw new Error(`the type ${of} is unclear`)
  // Undefined for a number that hyparquet does not know.
  if ((codec as unknown) === undefined) throw new Error(`the compression ${of} is unknown`)
  const values = toCount(meta.num_values, `the number of values ${of}`)
  if (values < rows || (maxRepetition === 0 && values !== rows)) {
    throw new Error(`the number of values ${of} is ${values}, in ${rows} rows`)
  }
  // As hyparquet finds them.
  const start = toCount(meta.dictionary_page_offset || meta.data_page_offset, `the place ${of}`)
  const end = start + toCount(meta.total_compressed_size, `the size ${of}`)
  if (start < 4 || end > footerStart) {
    throw new Error(`the place ${of} is bytes ${start} to ${end}, outside of the data`)
  }
  const uncompressed = toCount(meta.total_uncompressed_size, `the uncompressed size ${of}`)
  const typeLength = element.type_length
  return {
    name,
    type,
    typeLength,
    codec,
    maxDefinition,
    maxRepetition,
    start,
    end,
    values,
    uncompressed,
    rows,
  }
}

function toCount(value: bigint | undefined, what: string): number {
  if (typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
    return Number(value)
  }
  throw new Error(`${what} is ${String(value)}`)
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
