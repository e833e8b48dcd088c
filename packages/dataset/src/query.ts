import type { Store } from '@prefect-ts/store'
import { type ColumnType, type ColumnTypes, SQL_TYPES } from './columns.ts'
import type { Dataset } from './dataset.ts'
import { DatasetError } from './errors.ts'
import { type PartitionType, NULL_PARTITION } from './partition.ts'

/** A tool that `datasetQuery` writes an expression for. */
export type QueryEngine = 'duckdb' | 'polars' | 'pyarrow'

/** Options of `datasetQuery`. */
export interface DatasetQueryOptions {
  /** The store that holds the dataset. Without it the expression has the path below the store's base. */
  store?: Store | undefined
  /** Types of the file's columns. A csv file has none of its own: DuckDB then reads text, the others need them. */
  columns?: ColumnTypes | undefined
}

const ARROW: Readonly<Record<ColumnType, string>> = {
  string: 'pa.string()',
  integer: 'pa.int64()',
  bigint: 'pa.int64()',
  double: 'pa.float64()',
  boolean: 'pa.bool_()',
  date: 'pa.date32()',
  timestamp: 'pa.timestamp("ms", "UTC")',
}
// Directories hold timestamps without a zone; they are in UTC.
const SQL_KEY: Readonly<Record<PartitionType, string>> = { ...SQL_TYPES, timestamp: 'TIMESTAMP' }
const ARROW_KEY: Readonly<Record<PartitionType, string>> = {
  ...ARROW,
  timestamp: 'pa.timestamp("us")',
}
const POLARS_KEY: Readonly<Record<PartitionType, string>> = {
  string: 'pl.String',
  integer: 'pl.Int64',
  // Polars does not apply a schema to days and timestamps in directory names: they are read as text and parsed afterwards.
  date: 'pl.String',
  timestamp: 'pl.String',
}

/**
 * The exact expression that reads every dated partition of the dataset with another tool: with the glob that leaves `latest`
 * out, and with declared types for `dataset`, `rundate` and the further keys, so that nothing is guessed from directory names.
 *
 * - `duckdb`: a SQL `select`.
 * - `polars`: a Python expression for a `LazyFrame`; parquet needs `import polars as pl`, csv and ndjson go through pyarrow.
 * - `pyarrow`: a Python expression for a `Dataset`, in which days in ndjson are timestamps (pyarrow reads them as nothing else); needs `import pyarrow as pa`, `import pyarrow.csv`, `import pyarrow.dataset as ds`
 *   and `from glob import glob`.
 *
 * Throws `UNSUPPORTED` for what the tool can't read: other formats, and pyarrow's local glob on a remote store.
 */
export function datasetQuery(
  dataset: Dataset,
  engine: QueryEngine,
  options: DatasetQueryOptions = {},
): string {
  const { store, columns } = options
  const files = store === undefined ? dataset.glob : store.locate(dataset.glob)
  const base = files.slice(0, -dataset.glob.length)
  if (files.endsWith(dataset.glob) && /[*?[\]{}]/.test(base)) {
    throw refuse(dataset, `the folder ${base} has characters that a glob takes for wildcards`)
  }
  if (!files.endsWith(dataset.glob)) {
    throw refuse(dataset, `no other tool can reach ${store?.url}`)
  }
  const keys: [string, PartitionType][] = [
    ['dataset', 'string'],
    ['rundate', 'date'],
    ...Object.entries(dataset.partitionTypes),
  ]
  switch (engine) {
    case 'duckdb':
      return duckdb(dataset, files, keys, columns)
    case 'polars':
      return polars(dataset, files, keys, columns)
    case 'pyarrow':
      return pyarrow(dataset, files, keys, columns)
    default:
      throw refuse(dataset, 'the engine must be "duckdb", "polars" or "pyarrow"')
  }
}

function duckdb(
  dataset: Dataset,
  files: string,
  keys: readonly [string, PartitionType][],
  columns: ColumnTypes | undefined,
): string {
  const hive = keys.map(([key, type]) => `'${key}': ${SQL_KEY[type]}`).join(', ')
  const shared = `hive_partitioning = true, hive_types_autocast = false, hive_types = {${hive}}`
  const types =
    columns &&
    Object.entries(columns)
      .map(([name, type]) => `${sqlText(name)}: '${SQL_TYPES[type]}'`)
      .join(', ')
  const call = {
    parquet: 'read_parquet',
    csv: 'read_csv',
    ndjson: 'read_json',
  }[dataset.format]
  const others = {
    parquet: '',
    csv:
      `delim = ',', quote = '"', escape = '"', header = true, allow_quoted_nulls = ${hasNoText(columns)}, ` +
      (types === undefined ? 'all_varchar = true, ' : `columns = {${types}}, `),
    ndjson:
      `format = 'newline_delimited', ` + (types === undefined ? '' : `columns = {${types}}, `),
  }[dataset.format]
  if (call === undefined) throw unknownFormat(dataset, 'duckdb')
  return `select * from ${call}(${sqlText(files)}, ${others}${shared})`
}

function polars(
  dataset: Dataset,
  files: string,
  keys: readonly [string, PartitionType][],
  columns: ColumnTypes | undefined,
): string {
  if (dataset.format !== 'parquet') {
    // Polars' own readers of text files know no Hive partitions.
    return `pl.scan_pyarrow_dataset(${pyarrow(dataset, files, keys, columns)})`
  }
  const schema = keys.map(([key, type]) => `${pythonText(key)}: ${POLARS_KEY[type]}`).join(', ')
  return (
    `pl.scan_parquet(${pythonText(files)}, glob=True, hive_partitioning=True, hive_schema={${schema}}, ` +
    'try_parse_hive_dates=False)' +
    keys
      .map(([key, type]) => {
        const text = `pl.col(${pythonText(key)}).str`
        if (type === 'date') return `.with_columns(${text}.to_date("%Y-%m-%d"))`
        if (type !== 'timestamp') return ''
        return `.with_columns(${text}.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us"))`
      })
      .join('')
  )
}

function pyarrow(
  dataset: Dataset,
  files: string,
  keys: readonly [string, PartitionType][],
  columns: ColumnTypes | undefined,
): string {
  if (files.includes('://')) {
    throw refuse(dataset, 'this expression lists files on disk; DuckDB reads them where they are')
  }
  const types =
    columns &&
    Object.entries(columns)
      .map(([name, type]) => `${pythonText(name)}: ${ARROW[type]}`)
      .join(', ')
  if (dataset.format === 'csv' && types === undefined) {
    throw refuse(
      dataset,
      'pyarrow guesses the types of csv columns (01234 becomes 1234); give columns',
    )
  }
  const format = {
    parquet: '"parquet"',
    csv: `ds.CsvFileFormat(parse_options=pa.csv.ParseOptions(newlines_in_values=True), convert_options=pa.csv.ConvertOptions(column_types={${types}}, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]))`,
    ndjson: '"json"',
  }[dataset.format]
  if (format === undefined) throw unknownFormat(dataset, 'pyarrow')
  const schema = keys.map(([key, type]) => `(${pythonText(key)}, ${ARROW_KEY[type]})`).join(', ')
  // JSON has no days, and pyarrow reads their text as nothing but timestamps.
  const declared = Object.entries(columns ?? {}).map(
    ([name, type]) =>
      `(${pythonText(name)}, ${type === 'date' ? 'pa.timestamp("s")' : ARROW[type]})`,
  )
  const whole =
    dataset.format === 'ndjson' && declared.length > 0
      ? `schema=pa.schema([${[...declared, schema].join(', ')}]), `
      : ''
  return (
    `ds.dataset(sorted(glob(${pythonText(files)})), format=${format}, ${whole}partitioning=ds.HivePartitioning(` +
    `pa.schema([${schema}]), segment_encoding="uri", null_fallback="${NULL_PARTITION}"))`
  )
}

/** Whether `""` can only be null: quotes around nothing are text in a column of text alone. */
export function hasNoText(columns: ColumnTypes | undefined): boolean {
  return columns !== undefined && !Object.values(columns).includes('string')
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function pythonText(text: string): string {
  return JSON.stringify(text)
}

function unknownFormat(dataset: Dataset, engine: string): DatasetError {
  return refuse(
    dataset,
    `${engine} is asked to read csv, ndjson and parquet only, not "${dataset.format}"`,
  )
}

function refuse(dataset: Dataset, reason: string): DatasetError {
  return new DatasetError(`Dataset "${dataset.name}": no query: ${reason}.`, {
    code: 'UNSUPPORTED',
    dataset: dataset.name,
  })
}
