import type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
import {
  BadValue,
  type ColumnType,
  type ColumnTypes,
  columnIssue,
  fromText,
  kindOf,
  toColumn,
} from './columns.ts'
import { CsvError } from './csv-scanner.ts'
import { toLines } from './csv-text.ts'
import { DatasetError } from './errors.ts'

/** How an ndjson file is read and written: one JSON object per line. */
export interface NdjsonCodecOptions {
  /**
   * Types of columns: `bigint` keeps integers past 2^53 exact, `timestamp` gives a `Date`. Others are only checked.
   * @default JSON's own
   */
  columns?: ColumnTypes | undefined
  /** Characters that one line may have. @default 16 MiB */
  maxRecordLength?: number | undefined
}

/**
 * Rows of an ndjson file (JSON Lines). Every line is an object; blank lines are skipped. Integers past 2^53 need the column type `bigint`: others of
 * that size are refused, not rounded.
 */
export function ndjson(options: NdjsonCodecOptions = {}): RowCodec {
  const { columns, maxRecordLength = 16 * 1024 * 1024 } = options
  return { format: 'ndjson', compressible: true, decode, encode }

  async function* decode(source: CodecSource, context: CodecContext): AsyncGenerator<RowBatch> {
    const types = Object.entries(columns ?? {})
    let line = 1
    let row = 0
    try {
      for await (const text of toLines(source.stream(), maxRecordLength, () => line)) {
        const batch: (Row | undefined)[] = []
        const lines = text.split('\n')
        if (lines.at(-1) === '') lines.pop()
        for (const one of lines) {
          line += 1
          if (one.trim() === '') continue
          row += 1
          batch.push(toRow(one, row, line - 1, types, context))
        }
        yield batch
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      throw new DatasetError(
        `Dataset "${context.dataset.name}": line ${error.line} of the ndjson file: ${error.message}.`,
        { code: 'INVALID_CONTENT', dataset: context.dataset.name, line: error.line, cause: error },
      )
    }
  }

  async function* encode(
    batches: AsyncIterable<readonly Row[]>,
    context: CodecContext,
  ): AsyncGenerator<Uint8Array> {
    const types = Object.entries(columns ?? {})
    let row = 0
    let text = ''
    for await (const batch of batches) {
      for (const value of batch) {
        row += 1
        text += toLine(value, row, types, context) ?? ''
        if (text.length > 64 * 1024) {
          yield Buffer.from(text)
          text = ''
        }
      }
    }
    if (text !== '') yield Buffer.from(text)
  }
}

function toRow(
  text: string,
  row: number,
  line: number,
  types: readonly [string, ColumnType][],
  context: CodecContext,
): Row | undefined {
  let value: unknown
  let isInexact = false
  try {
    value = JSON.parse(text, /\d{16}/.test(text) ? exact : undefined)
  } catch (error) {
    // The parser's message would repeat a piece of the line.
    const at = Number(/position (\d+)/.exec(String(error))?.[1] ?? text.length) + 1
    const message = `is no JSON at character ${at} of line ${line}`
    return context.reject(row, [{ column: '', message }], text)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `is ${kindOf(value)}, not an object (line ${line})`
    return context.reject(row, [{ column: '', message }], value)
  }
  const found = value as Row
  const issues: RowIssue[] = []
  for (const [name, type] of types) {
    try {
      if (!Object.hasOwn(found, name)) throw new BadValue('is missing')
      if (found[name] !== null) found[name] = fromJson(found[name], type)
    } catch (error) {
      issues.push(columnIssue(name, error))
    }
  }
  if (isInexact) {
    issues.push({
      column: '',
      message: 'holds an integer past 2^53: declare its column "bigint"',
    })
  }
  if (issues.length === 0) return found
  return context.reject(row, issues, found)

  // `context.source` is the number as it stands in the text (Node 21 and later).
  function exact(key: string, parsed: unknown, how?: { source?: string }): unknown {
    if (typeof parsed !== 'number' || !Number.isInteger(parsed)) return parsed
    const isBigint = types.some(([name, type]) => name === key && type === 'bigint')
    const digits = how?.source ?? ''
    if (isBigint && /^-?\d+$/.test(digits)) return BigInt(digits)
    if (!Number.isSafeInteger(parsed) && /^-?\d+$/.test(digits)) isInexact = true
    return parsed
  }
}

function toLine(
  value: Row,
  row: number,
  types: readonly [string, ColumnType][],
  context: CodecContext,
): string | undefined {
  const issues: RowIssue[] = []
  for (const [name, type] of types) {
    const cell = Object.hasOwn(value, name) ? value[name] : undefined
    if (cell === null || cell === undefined) continue
    try {
      toColumn[type](cell)
    } catch (error) {
      issues.push(columnIssue(name, error))
    }
  }
  let text = ''
  try {
    text = `${JSON.stringify(value, jsonValue)}\n`
  } catch (error) {
    const message = error instanceof BadValue ? error.message : 'is no JSON'
    issues.push({ column: '', message })
  }
  if (issues.length === 0) return text
  return context.reject(row, issues, value)
}

/** `bigint` as a number with all its digits; what JSON would silently turn into null, into nothing or into other things is refused. */
function jsonValue(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(String(value))
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new BadValue(`holds a number in "${key}" that is not finite`)
  }
  if (!key.isWellFormed()) throw new BadValue('has a name that holds half a surrogate pair')
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new BadValue(`holds half a surrogate pair in "${key}"`)
  }
  // Before its `toJSON`: JSON.stringify has called that of `value`.
  const whole = (this as Record<string, unknown>)[key]
  const isLost =
    typeof value === 'symbol' ||
    typeof value === 'function' ||
    (whole instanceof Date && value === null) ||
    ArrayBuffer.isView(whole) ||
    whole instanceof Map ||
    whole instanceof Set
  if (isLost) throw new BadValue(`holds ${kindOf(whole)} in "${key}" that JSON can't hold`)
  return value
}

function fromJson(value: unknown, type: ColumnType): unknown {
  if (type === 'timestamp' && typeof value === 'string') return fromText.timestamp(value)
  return toColumn[type](value)
}

/** A number that JSON is to hold with all its digits (Node 21 and later; TypeScript does not know it yet). */
function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(digits: string): unknown }).rawJSON(text)
}
