import type { Store } from '@prefect-ts/store'
import type { CodecContext, CodecSource, Row, RowCodec } from './codec.ts'
import { compress, decompress } from './compression.ts'
import { kindOf } from './columns.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { readDataset } from './read.ts'
import {
  type InvalidRowOptions,
  type RejectedRows,
  type Rejects,
  createRejects,
} from './rejects.ts'
import { type RowSchema, checkSchema, columnsOf, issuesOf } from './row-schema.ts'
import { type WriteDatasetOptions, type WriteDatasetResult, writeBody } from './write.ts'

/** Options of `readRows`. */
export interface ReadRowsOptions<T> extends InvalidRowOptions {
  /** Reads the file: from `@prefect-ts/dataset/csv`, `/ndjson` or `/parquet`. */
  codec: RowCodec
  /** Checks every row (any Standard Schema, such as zod's); its output is what you get. */
  schema?: RowSchema<T> | undefined
  /** Ends the reading, which then fails with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** The rows of a dataset, read as they are consumed. Iterate it once. */
export interface RowReader<T> extends AsyncIterable<T> {
  /** The same rows in batches: faster, when there are millions. */
  batches(): AsyncIterable<T[]>
  /** Rows given so far. */
  readonly rows: number
  /** Once the rows have ended: those that were refused, or `undefined` when there are none. */
  readonly rejects: RejectedRows | undefined
}

/** Rows to write: one by one or in batches. */
export type RowSource = Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>

/** Options of `writeRows`. */
export interface WriteRowsOptions extends Omit<WriteDatasetOptions, 'rows'>, InvalidRowOptions {
  /** Writes the file: from `@prefect-ts/dataset/csv`, `/ndjson` or `/parquet`. */
  codec: RowCodec
  /** Checks every row (any Standard Schema, such as zod's); its output is what is written. */
  schema?: RowSchema | undefined
}

/** What a write of rows did. */
export interface WriteRowsResult extends WriteDatasetResult {
  /** Rows written. */
  readonly rows: number
  /** Rows refused, or `undefined` when there are none. */
  readonly rejects: RejectedRows | undefined
}

/**
 * The rows of the dataset at `dataset.readPath`, in constant memory. Nothing is opened before they are iterated; then
 * it fails with `NOT_FOUND`, `INVALID_CONTENT` (the file is damaged or not of its format) or `INVALID_ROW`, naming row and column.
 *
 * @example
 * for await (const row of readRows(store, flights, { codec: csv(), schema: Flight })) console.log(row.carrier)
 */
export function readRows<T = Row>(
  store: Store,
  dataset: Dataset,
  options: ReadRowsOptions<T>,
): RowReader<T> {
  const { codec, schema, signal } = options
  checkCodec(codec, dataset)
  checkSchema(schema, dataset.name)
  let rows = 0
  let rejected: RejectedRows | undefined

  async function* batches(): AsyncGenerator<T[]> {
    const found = createRejects(dataset, dataset.readPath, 'read', options)
    const context = contextOf(dataset, schema, 'input', found, signal)
    const source = await openSource(store, dataset, signal)
    let row = 0
    for await (const batch of codec.decode(source, context)) {
      signal?.throwIfAborted()
      const valid = await validated(batch, row, schema, found)
      row += batch.length
      rows += valid.length
      if (valid.length > 0) yield valid as T[]
    }
    rejected = await found.save(store, signal)
    await found.removeOld(store, signal)
  }

  return {
    batches,
    get rows() {
      return rows
    },
    get rejects() {
      return rejected
    },
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch
    },
  }
}

/**
 * Writes rows as `writeDataset` writes bytes, streamed and counted: only when the last row is there does the file appear. A row
 * that the column types or the schema refuse ends it with `INVALID_ROW`, naming row and column, and nothing is written;
 * with `onInvalid: 'quarantine'` such rows go to `rejects/…/write.ndjson` instead, up to `maxInvalidRows`. That file is there
 * before the data is, so no crash loses them; a write that fails after its last row may leave it.
 *
 * @example
 * await writeRows(store, flights, rows, { codec: parquet(), schema: Flight, onInvalid: 'quarantine' })
 */
export async function writeRows(
  store: Store,
  dataset: Dataset,
  rows: RowSource,
  options: WriteRowsOptions,
): Promise<WriteRowsResult> {
  const { codec, schema, onInvalid: _, maxInvalidRows: __, ...others } = options
  checkCodec(codec, dataset)
  checkSchema(schema, dataset.name)
  const [path = dataset.path] = dataset.writePaths
  const found = createRejects(dataset, path, 'write', options)
  let given = 0
  let rejectedLater = 0
  let passed = 0
  // Rows behind a refused one have another number for the encoder than for the caller.
  const refusedAfter: number[] = []
  const bySchema: Rejects['reject'] = (row, issues, value) => {
    refusedAfter.push(passed)
    return found.reject(row, issues, value)
  }
  const byEncoder: Rejects['reject'] = (row, issues, value) => {
    rejectedLater += 1
    return found.reject(row + refusedAfter.filter((at) => at < row).length, issues, value)
  }
  const context = contextOf(dataset, schema, 'output', { reject: byEncoder }, options.signal)

  async function* valid(): AsyncGenerator<Row[]> {
    for await (const batch of inBatches(rows)) {
      options.signal?.throwIfAborted()
      const good = await validated(batch, given, schema, { reject: bySchema }, () => passed++)
      given += batch.length
      if (good.length > 0) yield good as Row[]
    }
  }

  const encoded = codec.encode(valid(), context)
  const { compression } = dataset
  const content = compression === undefined ? encoded : compress(encoded, compression)
  let rejects: RejectedRows | undefined
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* content
    rejects = await found.save(store, options.signal)
  }
  const count = (): number => passed - rejectedLater
  const result = await writeBody(store, dataset, body(), others, count)
  await found.removeOld(store, options.signal)
  return { ...result, rows: count(), rejects }
}

function contextOf(
  dataset: Dataset,
  schema: RowSchema | undefined,
  side: 'input' | 'output',
  rejects: Pick<Rejects, 'reject'>,
  signal: AbortSignal | undefined,
): CodecContext {
  return { dataset, columns: columnsOf(schema, side), reject: rejects.reject, signal }
}

async function validated(
  batch: readonly (Row | undefined)[],
  before: number,
  schema: RowSchema | undefined,
  rejects: Pick<Rejects, 'reject'>,
  passed?: () => void,
): Promise<unknown[]> {
  if (schema === undefined && passed === undefined && !batch.includes(undefined))
    return batch as Row[]
  const good: unknown[] = []
  for (let index = 0; index < batch.length; index++) {
    const row: unknown = batch[index]
    // When reading: rejected already.
    if (row === undefined && passed === undefined) continue
    let value: unknown = row
    if (schema !== undefined) {
      const answer = schema['~standard'].validate(row)
      const result = answer instanceof Promise ? await answer : answer
      if (result.issues !== undefined) {
        rejects.reject(before + index + 1, issuesOf(result.issues), row)
        continue
      }
      value = result.value
    }
    if (passed !== undefined && !isRow(value)) {
      const message = `is ${kindOf(value)}, not a plain object with a property per column`
      rejects.reject(before + index + 1, [{ column: '', message }], row)
      continue
    }
    passed?.()
    good.push(value)
  }
  return good
}

function isRow(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  // Arrays, Maps and typed arrays have other things than columns.
  return !(Symbol.iterator in value) && !(value instanceof Date)
}

const BATCH = 1024

async function* inBatches(rows: RowSource): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  for await (const item of rows) {
    if (Array.isArray(item)) {
      if (batch.length > 0) yield batch
      batch = []
      yield item
      continue
    }
    batch.push(item as Row)
    if (batch.length === BATCH) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function checkCodec(codec: RowCodec, dataset: Dataset): void {
  const { name, format, compression } = dataset
  const fail = (reason: string): DatasetError =>
    new DatasetError(`Dataset "${name}": ${reason}.`, { code: 'UNSUPPORTED', dataset: name })
  if (codec.format !== format) {
    throw fail(`its format is "${format}", but the codec given is for "${codec.format}"`)
  }
  if (compression !== undefined && !codec.compressible) {
    throw fail(`"${format}" compresses inside; a ${compression} file around it is not supported`)
  }
}

async function openSource(
  store: Store,
  dataset: Dataset,
  signal: AbortSignal | undefined,
): Promise<CodecSource> {
  const path = dataset.readPath
  const { body, size, etag } = await readDataset(store, dataset, { signal })
  return {
    size,
    stream() {
      const ahead = readAhead(body)
      return dataset.compression === undefined ? ahead : decompress(ahead, dataset)
    },
    async toRanges() {
      await body.cancel()
      return async (offset, length) => {
        const part = await store.get(path, { range: { offset, length }, ifMatch: etag, signal })
        if (part !== undefined) return await new Response(part.body).arrayBuffer()
        throw new DatasetError(
          `Dataset "${dataset.name}": "${path}" was deleted while it was read.`,
          {
            code: 'NOT_FOUND',
            dataset: dataset.name,
          },
        )
      }
    },
  }
}

/**
 * The stream, with the next chunk being fetched while one is worked on.
 *
 * @yields Its chunks.
 */
async function* readAhead(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let pending = reader.read()
  try {
    for (;;) {
      const { done, value } = await pending
      if (done) return
      pending = reader.read()
      // Reported when it is awaited, if it is.
      pending.catch(() => undefined)
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
