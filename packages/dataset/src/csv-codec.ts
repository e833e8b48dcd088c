import type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
import {
  BadValue,
  COLUMN_TYPES,
  type ColumnType,
  type ColumnTypes,
  checkNames,
  checkNewNames,
  columnIssue,
  fromText,
  kindOf,
  toColumn,
  toText,
  typeOfValue,
} from './columns.ts'
import {
  type CsvDialect,
  type Field,
  MAX_RECORD_LENGTH,
  type RecordReader,
  createCsvScanner,
} from './csv-scanner.ts'
import { emptyFile, placed, toNames } from './csv-header.ts'
import { toLines } from './csv-text.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError, describe } from './errors.ts'

/** How a csv file is read and written. The defaults are RFC 4180 in UTF-8. */
export interface CsvCodecOptions {
  /**
   * Types of the file's columns, and their order when the file is written. A column without one is text.
   * @default the types that the row schema tells (zod and others that give a JSON Schema), else all text
   */
  columns?: ColumnTypes | undefined
  /** Between two fields: one character. @default ',' */
  delimiter?: string | undefined
  /** Around fields that need it: one character, doubled inside. @default '"' */
  quote?: string | undefined
  /**
   * Whether the first record names the columns. Without it `columns` must, in the order of the file.
   * @default true
   */
  header?: boolean | undefined
  /** Text that stands for null, besides a field with nothing in it. @default none */
  nullText?: string | undefined
  /** Line end of files written; the last line has one as well. @default '\n' */
  lineEnd?: '\n' | '\r\n' | undefined
  /** Reads files whose records end now with LF, now with CRLF. @default false */
  mixedLineEnds?: boolean | undefined
  /**
   * Characters that one record may have. A quote that is never closed is found at this limit or at the file's end.
   * @default 16 MiB
   */
  maxRecordLength?: number | undefined
}

/**
 * Rows of a csv file. A field with nothing in it is null, `""` is the empty text, except in columns without a type, where both are
 * the empty text. A byte order mark at the start is dropped.
 *
 * @example
 * const codec = csv({ columns: { zip: 'string', flights: 'integer', day: 'date' } })
 */
export function csv(options: CsvCodecOptions = {}): RowCodec {
  const { delimiter = ',', quote = '"', header = true, lineEnd = '\n', columns, nullText } = options
  const { mixedLineEnds = false, maxRecordLength = MAX_RECORD_LENGTH } = options
  const dialect: CsvDialect = { delimiter, quote, mixedLineEnds, maxRecordLength }
  checkOptions()

  return {
    format: 'csv',
    compressible: true,
    decode,
    encode,
  }

  async function* decode(source: CodecSource, context: CodecContext): AsyncGenerator<RowBatch> {
    const types = columns ?? context.columns ?? {}
    const scanner = createCsvScanner(dialect)
    let names = header ? undefined : Object.keys(types)
    let reader: RecordReader | undefined
    let rows = 0

    const scan = (): RowBatch => {
      if (reader === undefined) {
        names ??= toNames(scanner.header())
        if (names === undefined) return []
        checkNames(names, columns ?? {}, context.dataset)
        reader = compile(names, types, delimiter, nullText)
      }
      const found = scanner.scan(reader)
      for (const { index, line, fields } of found.wrong) {
        const row = rows + index + 1
        if (fields.length === names?.length) {
          const kept = Object.fromEntries(names.map((name, at) => [name, fields[at]]))
          context.reject(row, issuesOf(names, fields, types), kept)
        } else {
          const message = `has ${fields.length} fields, not ${reader.width} (line ${line})`
          context.reject(row, [{ column: '', message }], fields)
        }
      }
      rows += found.rows.length
      return found.rows
    }

    try {
      const chunks = source.stream()
      for await (const text of toLines(chunks, maxRecordLength, scanner.nextLine)) {
        scanner.add(text)
        yield scan()
      }
      scanner.end()
      yield scan()
      if (reader === undefined) throw emptyFile()
    } catch (error) {
      throw placed(error, context.dataset)
    }
  }

  function issuesOf(names: string[], fields: readonly Field[], types: ColumnTypes) {
    const issues: RowIssue[] = []
    names.forEach((name, at) => {
      const cell = fields[at]
      const type = Object.hasOwn(types, name) ? types[name] : undefined
      if (type === undefined || cell === undefined || isNull(cell, type, nullText)) return
      try {
        fromText[type](cell)
      } catch (error) {
        issues.push(columnIssue(name, error))
      }
    })
    return issues
  }

  async function* encode(
    batches: AsyncIterable<readonly Row[]>,
    context: CodecContext,
  ): AsyncGenerator<Uint8Array> {
    const types = columns ?? context.columns ?? {}
    let names: ReadonlySet<string> | undefined
    let row = 0
    let text = ''
    const begin = (all: readonly string[]): void => {
      if (all.length === 0) throw noColumns(context.dataset)
      checkNewNames(all, context.dataset)
      names = new Set(all)
      if (header) text += all.map((name) => quoted(name, true)).join(delimiter) + lineEnd
    }
    if (columns !== undefined) begin(Object.keys(columns))
    for await (const batch of batches) {
      for (const value of batch) {
        row += 1
        if (names === undefined) begin(Object.keys(value))
        const line = toLine(value, row, names ?? new Set(), types, context)
        if (line !== undefined) text += line
        if (text.length > 64 * 1024) {
          yield Buffer.from(text)
          text = ''
        }
      }
    }
    if (names === undefined) {
      if (context.columns === undefined) throw noColumns(context.dataset)
      begin(Object.keys(context.columns))
    }
    if (text !== '') yield Buffer.from(text)
  }

  function toLine(
    row: Row,
    number: number,
    names: ReadonlySet<string>,
    types: ColumnTypes,
    context: CodecContext,
  ): string | undefined {
    const issues: RowIssue[] = []
    const cells: string[] = []
    for (const name of names) {
      // Not what every object inherits: a column can be named "constructor".
      const value = Object.hasOwn(row, name) ? row[name] : undefined
      if (value === null || value === undefined) {
        cells.push(nullText ?? '')
        continue
      }
      try {
        cells.push(toCell(value, Object.hasOwn(types, name) ? types[name] : undefined))
      } catch (error) {
        issues.push(columnIssue(name, error))
      }
    }
    for (const name of Object.keys(row)) {
      if (!names.has(name)) {
        issues.push({ column: name, message: `column ${describe(name)} is not in the file` })
      }
    }
    if (issues.length > 0) {
      return context.reject(number, issues, row)
    }
    // A record of one null would be a blank line, which readers skip.
    if (cells.length === 1 && cells[0] === '') return quote + quote + lineEnd
    return cells.join(delimiter) + lineEnd
  }

  function toCell(value: unknown, type: ColumnType | undefined): string {
    const as = type ?? typeOfValue(value)
    if (as === undefined) {
      throw new BadValue(`is ${kindOf(value)}, which a csv field can't hold`)
    }
    // Without a type, integers may be of any size.
    const text = toText(type === undefined && as === 'bigint' ? value : toColumn[as](value))
    if (as === 'string' && nullText !== undefined && text === nullText) {
      throw new BadValue(`is the text ${describe(nullText)}, which stands for null here`)
    }
    return quoted(text, as === 'string')
  }

  function quoted(text: string, isText: boolean): string {
    const needsQuotes =
      (isText && text === '') ||
      text.includes(quote) ||
      text.includes(delimiter) ||
      text.includes('\n') ||
      text.includes('\r') ||
      text.startsWith('\ufeff')
    return needsQuotes ? quote + text.replaceAll(quote, quote + quote) + quote : text
  }

  function checkOptions(): void {
    if (!isOne(delimiter) || !isOne(quote) || delimiter === quote) {
      throw invalidOption('delimiter and quote must be one character each, and not the same')
    }
    if (!header && columns === undefined) {
      throw invalidOption('a file without a header needs columns, in the order of the file')
    }
    if (
      nullText !== undefined &&
      [delimiter, quote, '\n', '\r'].some((one) => nullText.includes(one))
    ) {
      throw invalidOption('nullText must hold no delimiter, quote or line end')
    }
    for (const [name, type] of Object.entries(columns ?? {})) {
      if (COLUMN_TYPES.includes(type)) continue
      throw invalidOption(
        `the type of column ${describe(name)} must be one of ${COLUMN_TYPES.join(', ')}`,
      )
    }
  }
}

function isOne(text: string): boolean {
  return text.length === 1 && !/[\r\n]/.test(text)
}

function noColumns(dataset: Dataset): DatasetError {
  return new DatasetError(
    `Dataset "${dataset.name}": there are no rows with values, and nothing says which columns the file has: give the codec columns.`,
    { code: 'INVALID_SOURCE', dataset: dataset.name },
  )
}

function invalidOption(reason: string): DatasetError {
  return new DatasetError(`The csv codec's options are refused: ${reason}.`, {
    code: 'INVALID_DATASET',
  })
}

type ReadField = (field: Field) => unknown

/**
 * Functions that make rows of these columns. They are written out per column, which is what makes them fast; where code
 * from strings is switched off, loops do the same.
 */
function compile(
  names: readonly string[],
  types: ColumnTypes,
  delimiter: string,
  nullText: string | undefined,
): RecordReader {
  const readers = names.map((name) =>
    readerOf(Object.hasOwn(types, name) ? types[name] : undefined, nullText),
  )
  const width = names.length
  try {
    // A function has 65,535 parameters at most; long before that, the loops are as fast.
    if (width > 10_000) throw new EvalError('too many columns')
    // Names stand in the code as JSON strings only. A plain "__proto__" would set the prototype.
    const keys = names.map((name) =>
      name === '__proto__' ? '["__proto__"]' : JSON.stringify(name),
    )
    const parameters = readers.map((_, index) => `read${index}`)
    const isText = (index: number): boolean => readers[index] === emptyText
    const fieldsBody = keys.map((key, index) => `${key}: read${index}(fields[${index}])`)
    const find = (index: number): string => `
      ${index === 0 ? 'let from = start, to' : ''}
      to = text.indexOf(delimiter, from)
      if (${index < width - 1 ? 'to === -1 || to >= end' : 'to !== -1 && to < end'}) return undefined
      ${index === width - 1 ? 'to = end' : ''}
      const value${index} = ${
        isText(index)
          ? `text.slice(from, to)`
          : `read${index}(from === to ? null : text.slice(from, to))`
      }
      from = to + 1`
    const code = `return {
      fields: (fields) => ({ ${fieldsBody.join(', ')} }),
      line(text, start, end) {
        ${names.map((_, index) => find(index)).join('\n')}
        return { ${keys.map((key, index) => `${key}: value${index}`).join(', ')} }
      },
    }`
    // oxlint-disable-next-line typescript/no-implied-eval -- see above: nothing of the file can become code
    const make = new Function('delimiter', ...parameters, code) as (
      delimiter: string,
      ...given: ReadField[]
    ) => Omit<RecordReader, 'width'>
    return { width, ...make(delimiter, ...readers) }
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    const fields = (given: readonly Field[]): Row => {
      const row: Row = {}
      readers.forEach((read, index) => {
        const value = read(given[index] ?? null)
        const property = { value, enumerable: true, writable: true, configurable: true }
        Object.defineProperty(row, names[index] ?? '', property)
      })
      return row
    }
    return {
      width,
      fields,
      line(text, start, end) {
        const parts = text.slice(start, end).split(delimiter)
        return parts.length === width ? fields(parts.map((part) => part || null)) : undefined
      },
    }
  }
}

function emptyText(field: Field): string {
  return field ?? ''
}

function readerOf(type: ColumnType | undefined, nullText: string | undefined): ReadField {
  if (type === undefined) {
    return nullText === undefined
      ? emptyText
      : (field) => (field === nullText ? null : (field ?? ''))
  }
  if (type === 'string' && nullText === undefined) return (field) => field
  const read = fromText[type]
  return (field) => (isNull(field, type, nullText) ? null : read(field))
}

/** Quotes around nothing are text in a column of text only; elsewhere that is how some writers quote what is not there. */
function isNull(field: Field, type: ColumnType, nullText: string | undefined): field is null {
  return field === null || field === nullText || (field === '' && type !== 'string')
}
