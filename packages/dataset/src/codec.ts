import type { Dataset } from './dataset.ts'
import type { ColumnTypes } from './columns.ts'

/** One row: values by column name. */
export type Row = Record<string, unknown>

/** One reason why a row was refused. It names no value, only where it stands and what it is. */
export interface RowIssue {
  /** What was wrong. */
  readonly message: string
  /** The column, or the path below it; empty for the row as a whole. */
  readonly column: string
}

/** What a codec is told and whom it tells. */
export interface CodecContext {
  /** The dataset, for messages. */
  readonly dataset: Dataset
  /** Column types that the row schema implies; the codec's own come first. */
  readonly columns: ColumnTypes | undefined
  /**
   * Takes a row that can't be used, by its number from 1; throws when such a row ends the call.
   * `value` is what is kept of it.
   */
  readonly reject: (row: number, issues: readonly RowIssue[], value: unknown) => undefined
  /** Ends the work. */
  readonly signal: AbortSignal | undefined
}

/** Rows in their order; `undefined` stands for a row that was rejected, so that numbers stay right. */
export type RowBatch = readonly (Row | undefined)[]

/** An object as a codec reads it; all from one version of it. Use one of the two, once. */
export interface CodecSource {
  /** Size of the object in bytes, as it lies there. */
  readonly size: number
  /** Its content from the start, decompressed when the dataset declares a compression. */
  stream(): AsyncIterable<Uint8Array>
  /** Gives up the stream for reads of bytes as they lie there. Needs a store with ranges. */
  toRanges(): Promise<(offset: number, length: number) => Promise<ArrayBuffer>>
}

/** Turns rows into the bytes of a file and back, both streamed. Make one with `@prefect-ts/dataset/csv`, `/ndjson` or `/parquet`. */
export interface RowCodec {
  /** The format of datasets that it can read and write. */
  readonly format: string
  /** Whether the whole file can be compressed on top; a format with its own compression can't. */
  readonly compressible: boolean
  /** The rows of a file, in batches. */
  decode(source: CodecSource, context: CodecContext): AsyncIterable<RowBatch>
  /** The file of rows, in chunks. */
  encode(batches: AsyncIterable<readonly Row[]>, context: CodecContext): AsyncIterable<Uint8Array>
}
