import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@prefect-ts/store'
import { type ColumnType, type ColumnTypes, SQL_TYPES } from './columns.ts'
import { readHeader } from './csv-header.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { announceRead } from './events.ts'
import { hasNoText } from './query.ts'
import { notFound } from './read.ts'
import { type WriteDatasetOptions, type WriteDatasetResult, writeDataset } from './write.ts'

/** A connection of `@duckdb/node-api`, as far as it is used here. */
export interface DuckdbConnection {
  /** Runs a statement and reads its rows. */
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>
  /** Ends the statement that runs. */
  interrupt(): void
}

/** A dataset that a query reads. */
export interface DuckdbInput {
  readonly dataset: Dataset
  /**
   * Types of a csv or ndjson file's columns. A csv column without one is text.
   * @default all text for csv, DuckDB's choice for ndjson
   */
  readonly columns?: ColumnTypes | undefined
}

/** What `writeDuckdb` writes. */
export interface DuckdbSource {
  readonly connection: DuckdbConnection
  /** A `select`, or another query that gives rows; without a semicolon. */
  readonly query: string
  /**
   * Datasets of the same store that the query reads, under the names it uses for them: temporary views of the connection, for as long as the call
   * runs. Files on local disk are read where they are, others are downloaded to a temporary file.
   */
  readonly inputs?: Readonly<Record<string, DuckdbInput>> | undefined
}

/** Options of `readDuckdb`. */
export interface ReadDuckdbOptions extends Omit<DuckdbInput, 'dataset'> {
  /** Ends the call. */
  signal?: AbortSignal | undefined
}

/**
 * Writes what a query gives as the dataset's file: DuckDB copies it into a temporary file in the dataset's format and compression, which
 * `writeDataset` then puts in place. No row passes through JavaScript.
 *
 * @example
 * const query = 'select carrier, avg(dep_delay) as mean from flights group by all'
 * await writeDuckdb(store, delays, { connection, query, inputs: { flights: { dataset: flights, columns } } })
 */
export async function writeDuckdb(
  store: Store,
  dataset: Dataset,
  source: DuckdbSource,
  options: Omit<WriteDatasetOptions, 'rows'> = {},
): Promise<WriteDatasetResult> {
  const how = {
    csv: "format csv, header true, delimiter ',', quote '\"', escape '\"'",
    ndjson: 'format json, array false',
    parquet: 'format parquet',
  }[dataset.format]
  if (how === undefined || !isFile(dataset)) throw unsupported(dataset)
  const { connection, query, inputs = {} } = source
  const { signal } = options
  const { compression } = dataset
  const zipped = compression === undefined ? '' : `, compression ${compression}`
  return await inFolder(async (folder) => {
    const views: string[] = []
    try {
      for (const [name, input] of Object.entries(inputs)) {
        const relation = await relationOf(store, input, join(folder, `${views.length}`), signal)
        const view = `temp.main.${identifier(name)}`
        await run(connection, `create temp view ${view} as select * from ${relation}`, signal)
        views.push(view)
      }
      const file = join(folder, 'data')
      const copy = `copy (${query}\n) to ${text(file)} (${how}${zipped})`
      const [[count] = []] = await run(connection, copy, signal)
      return await writeDataset(store, dataset, { file }, { ...options, rows: Number(count) })
    } finally {
      // A connection that refuses was closed, and its temporary views with it.
      const drop = (view: string): Promise<unknown> =>
        run(connection, `drop view ${view}`, undefined).catch(() => undefined)
      for (const view of views) await drop(view)
    }
  })
}

/**
 * Reads the dataset at `dataset.readPath` into a new table of the connection and gives its number of rows. A file on local disk is read where it
 * is; any other is downloaded to a temporary file first. Rejects with `NOT_FOUND` like `readDataset`.
 */
export async function readDuckdb(
  store: Store,
  dataset: Dataset,
  target: { readonly connection: DuckdbConnection; readonly table: string },
  options: ReadDuckdbOptions = {},
): Promise<number> {
  const { columns, signal } = options
  return await inFolder(async (folder) => {
    const relation = await relationOf(store, { dataset, columns }, join(folder, 'data'), signal)
    const create = `create table ${identifier(target.table)} as select * from ${relation}`
    const [[count] = []] = await run(target.connection, create, signal)
    return Number(count)
  })
}

/** The expression that reads the dataset: its file where it lies on local disk, else a copy of it. */
async function relationOf(
  store: Store,
  { dataset, columns }: DuckdbInput,
  copy: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (!isFile(dataset)) throw unsupported(dataset)
  const path = dataset.readPath
  const found = await store.head(path, { signal })
  if (found === undefined) throw await notFound(store, dataset, signal)
  announceRead(store, dataset, { path, size: found.size, etag: found.etag })
  const local = store.locate(path)
  // DuckDB would take these for wildcards.
  const isHere = local.startsWith('/') && !/[*?[\]{}]/.test(local)
  if (!isHere) await store.download(path, copy, { signal })
  const file = isHere ? local : copy
  const shared = 'hive_partitioning = false'
  if (dataset.format === 'parquet') return `read_parquet(${text(file)}, ${shared})`
  const { compression } = dataset
  const zipped = compression === undefined ? '' : `compression = '${compression}', `
  if (dataset.format === 'ndjson') {
    const types = columns === undefined ? '' : `columns = ${struct(Object.entries(columns))}, `
    return `read_json(${text(file)}, format = 'newline_delimited', ${types}${zipped}${shared})`
  }
  const header = await readHeader(file, dataset, columns ?? {}, signal)
  const all = Object.fromEntries(header)
  const dialect = `delim = ',', quote = '"', escape = '"', header = true, allow_quoted_nulls = ${hasNoText(all)}`
  const names = new Set(header.map(([name]) => name.toLowerCase()))
  // With every column known there is nothing to guess, which takes a sixth of the time. For names that DuckDB can't have it makes up others.
  const isKnown = names.size === header.length && !names.has('')
  const given = Object.entries(columns ?? {})
  const guessed =
    given.length === 0 ? 'all_varchar = true' : `all_varchar = true, types = ${struct(given)}`
  const known = isKnown ? `auto_detect = false, columns = ${struct(header)}` : guessed
  return `read_csv(${text(file)}, ${dialect}, ${known}, ${zipped}${shared})`
}

function struct(columns: readonly [string, ColumnType][]): string {
  return `{${columns.map(([name, type]) => `${text(name)}: '${SQL_TYPES[type]}'`).join(', ')}}`
}

function isFile({ format, compression }: Dataset): boolean {
  return (
    format === 'csv' || format === 'ndjson' || (format === 'parquet' && compression === undefined)
  )
}

async function run(
  connection: DuckdbConnection,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<unknown[][]> {
  signal?.throwIfAborted()
  const interrupt = (): void => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'prefect-ts-duckdb-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function unsupported({ name, format, compression }: Dataset): DatasetError {
  const what = compression === undefined ? `"${format}"` : `"${format}" in ${compression}`
  return new DatasetError(
    `Dataset "${name}": DuckDB is asked for csv and ndjson (plain, gzip, zstd) and plain parquet, not for ${what}.`,
    { code: 'UNSUPPORTED', dataset: name },
  )
}
