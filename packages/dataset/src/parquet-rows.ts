import type { Compressors, FileMetaData, ParquetParsers, ParquetReadOptions } from 'hyparquet'
import type { Row } from './codec.ts'
import type { ParquetFile } from './parquet-footer.ts'

/** Part of a row group that is to be read. */
export interface RowsOfGroup {
  readonly file: ParquetFile
  readonly metadata: FileMetaData
  /** Which row group. */
  readonly group: number
  /** Rows of the group: from, and up to but not with. */
  readonly from: number
  readonly to: number
  readonly compressors: Compressors
  readonly parsers: Partial<ParquetParsers>
}

/** The function of hyparquet that rows are read with. */
export interface RowsReader {
  parquetRead(options: ParquetReadOptions): Promise<void>
}

/** Makes the rows `from` to `to` of these columns, of which `starts` are the rows that they begin with. */
export type RowMaker = (
  columns: readonly ArrayLike<unknown>[],
  starts: readonly number[],
  from: number,
  to: number,
) => Row[]

// hyparquet looks every column up in the list of them all, and a compiled function of many more properties gains nothing.
const COLUMNS_AT_ONCE = 256

/** Reads rows of one row group, whose pages have been checked. hyparquet gives its columns, `make` puts them together. */
export async function readGroup(
  reader: RowsReader,
  { metadata, group, from, to, ...others }: RowsOfGroup,
  names: readonly string[],
  make: RowMaker,
): Promise<Row[]> {
  const found = new Map<string, { start: number; parts: ArrayLike<unknown>[] }>()
  const tops = topsOf(metadata)
  for (const part of inParts(metadata, tops, group)) {
    await reader.parquetRead({
      ...others,
      metadata: part,
      rowStart: from,
      rowEnd: to,
      utf8: false,
      onChunk({ columnName, columnData, rowStart }) {
        const column = found.get(columnName)
        if (column === undefined) {
          found.set(columnName, { start: rowStart, parts: [columnData as ArrayLike<unknown>] })
        } else column.parts.push(columnData as ArrayLike<unknown>)
      },
    })
  }
  const nested = new Set(tops.flatMap(({ length }, at) => (length > 1 ? [at] : [])))
  const columns = names.map((name, at) => {
    const { start = 0, parts = [] } = found.get(name) ?? {}
    // hyparquet has nothing at all for a list or struct that is null.
    const values = nested.has(at) ? Array.from(joined(parts), (one) => one ?? null) : joined(parts)
    if (start > from || start + values.length < to) {
      throw new Error(`column "${name}" has ${values.length} values`)
    }
    return { start, values }
  })
  return make(
    columns.map(({ values }) => values),
    columns.map(({ start }) => start),
    from,
    to,
  )
}

/** Names of the columns at the top of the schema. */
export function topNames(metadata: FileMetaData): string[] {
  return topsOf(metadata).map(([element]) => element?.name ?? '')
}

/** One row group's metadata, for some columns at a time. */
function inParts(
  metadata: FileMetaData,
  tops: readonly FileMetaData['schema'][],
  group: number,
): FileMetaData[] {
  const [root] = metadata.schema
  const rowGroup = metadata.row_groups[group]
  if (root === undefined || rowGroup === undefined) return []
  const parts: FileMetaData[] = []
  let leaves = 0
  for (let start = 0; start < tops.length; start += COLUMNS_AT_ONCE) {
    const some = tops.slice(start, start + COLUMNS_AT_ONCE)
    const schema = some.flat()
    const before = leaves
    leaves += schema.filter(({ num_children: children }) => !children).length
    const columns = rowGroup.columns.slice(before, leaves)
    parts.push({
      ...metadata,
      num_rows: rowGroup.num_rows,
      // Some writers call the root repeated, which hyparquet would count as a list around every column.
      schema: [{ ...root, repetition_type: 'REQUIRED', num_children: some.length }, ...schema],
      row_groups: [{ ...rowGroup, columns }],
    })
  }
  return parts
}

/** The elements of the schema, those of one column at the top together. */
function topsOf({ schema }: FileMetaData): FileMetaData['schema'][] {
  const columns: FileMetaData['schema'][] = []
  let open = 0
  let current: FileMetaData['schema'] = []
  for (const element of schema.slice(1)) {
    if (open === 0) columns.push((current = []))
    current.push(element)
    open += (element.num_children ?? 0) - (open === 0 ? 0 : 1)
  }
  return columns
}

function joined(parts: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  const [first, ...others] = parts
  if (first === undefined || others.length === 0) return first ?? []
  return parts.flatMap((part) => Array.from(part))
}

/** A function that makes rows of these columns, written out per column, which is what makes it fast; a loop where code from strings is switched off, and for many columns. */
export function rowMaker(names: readonly string[]): RowMaker {
  const loop: RowMaker = (columns, starts, from, to) => {
    const rows: Row[] = []
    for (let index = from; index < to; index++) {
      const row: Row = {}
      for (let at = 0; at < names.length; at++) {
        row[names[at] ?? ''] = columns[at]?.[index - (starts[at] ?? 0)]
      }
      rows.push(row)
    }
    return rows
  }
  if (names.length > COLUMNS_AT_ONCE) return loop
  try {
    // Names stand in the code as JSON strings only; the footer's check refuses "__proto__".
    const values = names.map((name, at) => `${JSON.stringify(name)}: c${at}[index - s${at}]`)
    const code = `
      const [${names.map((_, at) => `c${at}`).join(', ')}] = columns
      const [${names.map((_, at) => `s${at}`).join(', ')}] = starts
      const rows = []
      for (let index = from; index < to; index++) rows.push({ ${values.join(', ')} })
      return rows`
    // oxlint-disable-next-line typescript/no-implied-eval -- see above: nothing of the file can become code
    return new Function('columns', 'starts', 'from', 'to', code) as RowMaker
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return loop
  }
}
