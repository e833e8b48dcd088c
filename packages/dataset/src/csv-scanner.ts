import type { Row } from './codec.ts'
import { BadValue } from './columns.ts'

/** Characters that a record may have, unless the codec is told otherwise. */
export const MAX_RECORD_LENGTH: number = 16 * 1024 * 1024

/** How a csv file is written. */
export interface CsvDialect {
  /** Between two fields. */
  readonly delimiter: string
  /** Around fields that hold a delimiter, a quote or a line end. */
  readonly quote: string
  /** Whether records may end differently (LF, CRLF); else the first one's end holds for all. */
  readonly mixedLineEnds: boolean
  /** Characters that a record may have, quoted line ends included. */
  readonly maxRecordLength: number
}

/** Something that makes the rest of a file unreadable. */
export class CsvError extends Error {
  /** Line of the file, from 1. */
  readonly line: number
  /** Character of that line, from 1. */
  readonly character: number

  constructor(message: string, line: number, character: number) {
    super(message)
    this.line = line
    this.character = character
  }
}

/** A field: `null` when there is nothing in it, not even quotes. */
export type Field = string | null

/** Makes rows of records. Both throw `BadValue` for a field that its column can't hold. */
export interface RecordReader {
  /** How many fields a record has. */
  readonly width: number
  /** The row of a line without quotes in `text`; `undefined` when it has another number of fields. */
  readonly line: (text: string, start: number, end: number) => Row | undefined
  /** The row of a record's fields, of which there are `width`. */
  readonly fields: (fields: readonly Field[]) => Row
}

/** A record that is no row. */
export interface WrongRecord {
  /** Its place among the records of this call. */
  readonly index: number
  /** Line on which it starts, from 1. */
  readonly line: number
  readonly fields: readonly Field[]
}

/** Records of one stretch of text. */
export interface ScannedRecords {
  /** One row per record; `undefined` for a wrong one. */
  readonly rows: (Row | undefined)[]
  readonly wrong: WrongRecord[]
}

/** Splits the text of a csv file (RFC 4180) into records. */
export interface CsvScanner {
  /** Takes the next stretch of text. */
  add(text: string): void
  /** There is no more text. */
  end(): void
  /** Takes the fields of the next record; `undefined` when it does not end in the text so far. */
  header(): readonly Field[] | undefined
  /** Takes the records that end in the text so far. */
  scan(reader: RecordReader): ScannedRecords
  /** Line on which the next stretch of text starts, from 1. */
  readonly nextLine: () => number
}

const LF = 10
const CR = 13

/** Makes a scanner that expects the start of a file. */
export function createCsvScanner(dialect: CsvDialect): CsvScanner {
  const { delimiter, quote, mixedLineEnds, maxRecordLength } = dialect
  const quoteCode = quote.charCodeAt(0)
  const delimiterCode = delimiter.charCodeAt(0)
  let rest = ''
  let line = 1
  let endsInCr: boolean | undefined
  let blank: number | undefined
  let isLast = false

  return {
    add(text) {
      rest = rest === '' ? text : rest + text
    },
    end() {
      isLast = true
      if (rest !== '' && rest.charCodeAt(rest.length - 1) !== LF) rest += endsInCr ? '\r\n' : '\n'
    },
    header() {
      let fields: readonly Field[] | undefined
      const keep = (found: readonly Field[]): undefined => void (fields = found)
      consume(1, keep, (text, start, end) => keep(split(text, start, end)))
      return fields
    },
    scan(reader) {
      const found: ScannedRecords = { rows: [], wrong: [] }
      const { rows, wrong } = found
      const refuse = (fields: readonly Field[]): void => {
        wrong.push({ index: rows.length, line, fields })
        rows.push(undefined)
      }
      const byFields = (fields: readonly Field[]): void => {
        let row: Row | undefined
        try {
          if (fields.length === reader.width) row = reader.fields(fields)
        } catch (error) {
          if (!(error instanceof BadValue)) throw error
        }
        if (row === undefined) refuse(fields)
        else rows.push(row)
      }
      const byLine = (text: string, start: number, end: number): void => {
        let row: Row | undefined
        try {
          row = reader.line(text, start, end)
        } catch (error) {
          if (!(error instanceof BadValue)) throw error
        }
        if (row === undefined) refuse(split(text, start, end))
        else rows.push(row)
      }
      consume(Infinity, byFields, byLine, reader.width)
      return found
    },
    nextLine: () => line + rest.split('\n').length - 1,
  }

  /** Takes up to `most` records off the text. */
  function consume(
    most: number,
    byFields: (fields: readonly Field[]) => void,
    byLine: (text: string, start: number, end: number) => void,
    width?: number,
  ): void {
    const text = rest
    let position = 0
    let nextQuote = text.indexOf(quote)
    let nextCr = text.indexOf('\r')
    for (let taken = 0; taken < most && position < text.length;) {
      let end = text.indexOf('\n', position)
      if (end === -1) break
      if (nextQuote !== -1 && nextQuote < position) nextQuote = text.indexOf(quote, position)
      if (nextQuote !== -1 && nextQuote < end) {
        const next = quotedRecord(text, position, byFields)
        if (next === undefined) break
        position = next
        taken += 1
        continue
      }
      const start = position
      position = end + 1
      if (nextCr !== -1 && nextCr < start) nextCr = text.indexOf('\r', start)
      const hasCr = nextCr !== -1 && nextCr < end
      if (hasCr) {
        if (nextCr !== end - 1) throw strayCr(nextCr - start)
        end = nextCr
      }
      if (end === start && width !== 1) {
        skipBlank()
        continue
      }
      if (hasCr !== endsInCr) checkLineEnd(hasCr, end - start)
      if (blank !== undefined) throw blankLine(blank)
      byLine(text, start, end)
      line += 1
      taken += 1
    }
    rest = position === 0 ? text : text.slice(position)
    if (position === 0 && rest.length > maxRecordLength) throw tooLong()
  }

  function split(text: string, start: number, end: number): Field[] {
    const fields = text.slice(start, end).split(delimiter)
    return fields.map((field) => (field === '' ? null : field))
  }

  /** One record with a quoted field in it. `undefined` when it does not end in this text. */
  function quotedRecord(
    text: string,
    start: number,
    take: (fields: readonly Field[]) => void,
  ): number | undefined {
    const fields: Field[] = []
    let position = start
    let lines = 0
    let lineStart = start
    for (;;) {
      let value: Field
      if (text.charCodeAt(position) === quoteCode) {
        const opened = position
        value = ''
        position += 1
        for (;;) {
          const close = text.indexOf(quote, position)
          if (close === -1) {
            if (isLast || text.length - start > maxRecordLength) {
              throw unclosed(lines, opened - lineStart)
            }
            return undefined
          }
          value += text.slice(position, close)
          position = close + 1
          if (text.charCodeAt(position) !== quoteCode) break
          value += quote
          position += 1
        }
        for (
          let at = text.indexOf('\n', opened);
          at !== -1 && at < position;
          at = text.indexOf('\n', at + 1)
        ) {
          lines += 1
          lineStart = at + 1
        }
      } else {
        const fieldStart = position
        for (; position < text.length; position++) {
          const code = text.charCodeAt(position)
          if (code === delimiterCode || code === LF || code === CR) break
          if (code === quoteCode) {
            throw new CsvError(
              'a quote stands inside a field that does not start with one',
              line + lines,
              position - lineStart + 1,
            )
          }
        }
        value = position === fieldStart ? null : text.slice(fieldStart, position)
      }
      fields.push(value)
      const code = text.charCodeAt(position)
      if (code === delimiterCode) {
        position += 1
        continue
      }
      const hasCr = code === CR && text.charCodeAt(position + 1) === LF
      if (code === LF || hasCr) {
        if (hasCr !== endsInCr) checkLineEnd(hasCr, position - lineStart)
        if (blank !== undefined) throw blankLine(blank)
        take(fields)
        line += lines + 1
        return position + (hasCr ? 2 : 1)
      }
      // Cut behind a quote or a CR: the next text tells what follows.
      if (Number.isNaN(code) || (code === CR && position + 1 === text.length)) return undefined
      if (code === CR) throw strayCr(position - lineStart, lines)
      throw new CsvError(
        'a closed quote is followed by something else than a delimiter or a line end',
        line + lines,
        position - lineStart + 1,
      )
    }
  }

  function checkLineEnd(hasCr: boolean, length: number): void {
    endsInCr ??= hasCr
    if (endsInCr === hasCr || mixedLineEnds) return
    const [got, expected] = hasCr ? ['CRLF', 'LF'] : ['LF', 'CRLF']
    throw new CsvError(
      `the line ends with ${got}, those before with ${expected}; say mixedLineEnds: true if that is meant`,
      line,
      length + 1,
    )
  }

  /** Blank lines are fine at the end of a file; anywhere else they may be lost data. */
  function skipBlank(): void {
    blank ??= line
    line += 1
  }

  function strayCr(offset: number, lines = 0): CsvError {
    return new CsvError(
      'a carriage return stands inside a line; quote the field, or write LF or CRLF line ends',
      line + lines,
      offset + 1,
    )
  }

  function unclosed(lines: number, offset: number): CsvError {
    const reason = 'the quote that opens a field here is never closed'
    return new CsvError(
      `${reason} (looked at up to ${maxRecordLength} characters)`,
      line + lines,
      offset + 1,
    )
  }

  function tooLong(): CsvError {
    return new CsvError(`the record is longer than ${maxRecordLength} characters`, line, 1)
  }
}

function blankLine(line: number): CsvError {
  return new CsvError('the line is blank, but more lines follow', line, 1)
}
