import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@prefect-ts/store'
import { type ColumnTypes, SQL_TYPES } from './columns.ts'
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

/** Options of `readDuckdb`. */
export interface ReadDuckdbOptions {
  /** Types of a csv or ndjson file's columns. @default all text for csv, DuckDB's choice for ndjson */
  columns?: ColumnTypes | undefined
  /** Ends the call. */
  signal?: AbortSignal | undefined
}

/**
 * Writes what a query gives as the dataset's file: DuckDB copies it into a temporary file in the dataset's format and compression, which
 * `writeDataset` then puts in place. No row passes through JavaScript.
 *
 * @example
 * await writeDuckdb(store, delays, { connection, query: 'select carrier, avg(dep_delay) as mean from flights group by all' })
 */
export async function writeDuckdb(
  store: Store,
  dataset: Dataset,
  source: { readonly connection: DuckdbConnection; readonly query: string },
  options: Omit<WriteDatasetOptions, 'rows'> = {},
): Promise<WriteDatasetResult> {
  const how = {
    csv: "format csv, header true, delimiter ',', quote '\"', escape '\"'",
    ndjson: 'format json, array false',
    parquet: 'format parquet',
  }[dataset.format]
  if (how === undefined || (dataset.format === 'parquet' && dataset.compression !== undefined)) {
    throw unsupported(dataset)
  }
  const { compression } = dataset
  const zipped = compression === undefined ? '' : `, compression ${compression}`
  return await inFolder(async (folder) => {
    const file = join(folder, 'data')
    const copy = `copy (${source.query}\n) to ${text(file)} (${how}${zipped})`
    const [[count] = []] = await run(source.connection, copy, options.signal)
    return await writeDataset(store, dataset, { file }, { ...options, rows: Number(count) })
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
  const types =
    columns &&
    Object.entries(columns)
      .map(([name, type]) => `${text(name)}: '${SQL_TYPES[type]}'`)
      .join(', ')
  const { compression } = dataset
  const zipped = compression === undefined ? '' : `, compression = '${compression}'`
  const how = {
    csv: `read_csv(?, delim = ',', quote = '"', escape = '"', header = true, allow_quoted_nulls = ${hasNoText(columns)}, ${types === undefined ? 'all_varchar = true' : `columns = {${types}}`}${zipped}, hive_partitioning = false)`,
    ndjson: `read_json(?, format = 'newline_delimited'${types === undefined ? '' : `, columns = {${types}}`}${zipped}, hive_partitioning = false)`,
    parquet: 'read_parquet(?, hive_partitioning = false)',
  }[dataset.format]
  if (how === undefined || (dataset.format === 'parquet' && compression !== undefined)) {
    throw unsupported(dataset)
  }
  const path = dataset.readPath
  const found = await store.head(path, { signal })
  if (found === undefined) throw await notFound(store, dataset, signal)
  announceRead(store, dataset, { path, size: found.size, etag: found.etag })
  const local = store.locate(path)
  const name = `"${target.table.replaceAll('"', '""')}"`
  const load = async (file: string): Promise<number> => {
    const [[count] = []] = await run(
      target.connection,
      `create table ${name} as select * from ${how.replace('?', () => text(file))}`,
      signal,
    )
    return Number(count)
  }
  // DuckDB would take these for wildcards.
  if (local.startsWith('/') && !/[*?[\]{}]/.test(local)) return await load(local)
  return await inFolder(async (folder) => {
    const file = join(folder, 'data')
    await store.download(path, file, { signal })
    return await load(file)
  })
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
