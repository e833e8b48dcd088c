import { DatasetError, describe } from './errors.ts'
import { type PartitionType, type PartitionValue, layOutPartitions, segment } from './partition.ts'
import { type TodayOptions, isDay, resolveToday } from './today.ts'

/** What kind of data artifact a dataset is: the first directory of its path. */
export type DatasetType = 'extracts' | 'reports' | 'images'

/** Whether a dataset stands for its newest partition or for one day. */
export type RundateType = 'latest' | 'specific'

/** A compression of the whole file; it only adds its suffix here, nothing is compressed. */
export type Compression = 'gzip' | 'zstd'

/** The types a dataset can have. */
export const DATASET_TYPES: readonly DatasetType[] = ['extracts', 'reports', 'images']
/** The rundate types a dataset can have. */
export const RUNDATE_TYPES: readonly RundateType[] = ['latest', 'specific']

/** Names one partition of one dataset. */
export interface CreateDatasetOptions extends TodayOptions {
  /** The dataset's name: letters, digits, `.`, `_`, `~` and `-`; not `.` or `..`. */
  name: string
  /** Names the codec and the file's extension: lower-case letters and digits, such as `csv` or `parquet`. */
  format: string
  /**
   * The day of this partition, `YYYY-MM-DD`.
   * @default today
   */
  rundate?: string | undefined
  /** @default 'extracts' */
  type?: DatasetType | undefined
  /**
   * Picks the row of the read/write table.
   * @default 'latest' when `rundate` is today, else 'specific'
   */
  rundateType?: RundateType | undefined
  /** Adds `.gz` or `.zst` to the file name. Absent: no suffix. */
  compression?: Compression | undefined
  /** Further partition keys below `rundate`, in this order. A key is letters, digits and `_`. */
  partitions?: Readonly<Record<string, PartitionValue>> | undefined
  /**
   * Types of these keys; a value of another type is refused.
   * @default by each value: whole numbers are integers, a `Date` is a timestamp, anything else a string
   */
  partitionTypes?: Readonly<Record<string, PartitionType>> | undefined
}

/** One partition of one dataset and where it lives; a plain frozen object without any I/O. */
export interface Dataset {
  /** The dataset's name. */
  readonly name: string
  /** The first directory of its path. */
  readonly type: DatasetType
  /** The codec and extension. */
  readonly format: string
  /** The compression declared, or `undefined`. */
  readonly compression: Compression | undefined
  /** The day of this partition, `YYYY-MM-DD`. */
  readonly rundate: string
  /** Which row of the read/write table holds. */
  readonly rundateType: RundateType
  /** The day that counted as today when this was made, `YYYY-MM-DD`. */
  readonly today: string
  /** The further partition values, as given. */
  readonly partitions: Readonly<Record<string, PartitionValue>>
  /** The type of every partition key. */
  readonly partitionTypes: Readonly<Record<string, PartitionType>>
  /** Path of the dated file below the store's base. */
  readonly path: string
  /** Path of the `latest` file. */
  readonly latestPath: string
  /** The path that `readDataset` opens. */
  readonly readPath: string
  /** The paths that `writeDataset` fills, in that order: the dated one before `latest`. */
  readonly writePaths: readonly string[]
  /**
   * Matches the dated files of every partition and never the `latest` copies, which break a `**` glob:
   * give this one to DuckDB, Polars or pyarrow.
   */
  readonly glob: string
}

/** Texts that say what is expected, shared with the check of a flow's parameters. */
export const EXPECTED = {
  name: 'letters, digits, ".", "_", "~" or "-" (not "." or ".." alone)',
  format: 'lower-case letters and digits, such as "csv"',
  rundate: 'a day like "2013-01-01"',
} as const
const COMPRESSIONS: readonly Compression[] = ['gzip', 'zstd']
const SUFFIX: Readonly<Record<Compression, string>> = { gzip: '.gz', zstd: '.zst' }

/** Whether the layout takes `value` as a dataset's name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^(?!\.{1,2}$)[A-Za-z0-9._~-]+$/.test(value)
}

/** Whether the layout takes `value` as a format. */
export function isFormat(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]+$/.test(value)
}

/**
 * Names a dataset partition and works out its paths, as PrefectInterfaces.jl lays them out.
 * Throws `INVALID_DATASET` for anything that the layout refuses.
 */
export function createDataset(options: CreateDatasetOptions): Dataset {
  const { name, format, type = 'extracts', compression } = options
  if (!isName(name)) {
    throw invalid(`Dataset name must be ${EXPECTED.name}, got ${describe(name)}.`)
  }
  if (!isFormat(format)) {
    throw invalid(
      `Dataset "${name}": format must be ${EXPECTED.format}, got ${describe(format)}; ` +
        'a compression is given as compression: "gzip" or "zstd".',
      name,
    )
  }
  requireOneOf(DATASET_TYPES, type, 'type', name)
  if (compression !== undefined) {
    requireOneOf(COMPRESSIONS, compression, 'compression', name)
  }
  const today = resolveToday(options)
  const rundate = options.rundate ?? today
  if (!isDay(rundate)) {
    throw invalid(
      `Dataset "${name}": rundate must be ${EXPECTED.rundate}, got ${describe(rundate)}.`,
      name,
    )
  }
  const rundateType = options.rundateType ?? (rundate === today ? 'latest' : 'specific')
  requireOneOf(RUNDATE_TYPES, rundateType, 'rundateType', name)

  const directory = segment('dataset', name, name)
  const { partitions } = options
  const { segments, types } = layOutPartitions(partitions, options.partitionTypes, name)
  const file = `data.${format}${compression === undefined ? '' : SUFFIX[compression]}`
  const below = segments.length === 0 ? file : `${segments.join('/')}/${file}`
  const wildcards = partitions === undefined ? '' : toWildcards(partitions)
  const path = `${type}/${format}/${directory}/rundate=${rundate}/${below}`
  const latestPath = `${type}/${format}/latest/${directory}/${below}`
  const isLatest = rundateType === 'latest'
  const writesBoth = isLatest && rundate === today
  return Object.freeze({
    name,
    type,
    format,
    compression,
    rundate,
    rundateType,
    today,
    partitions: partitions === undefined ? NO_VALUES : Object.freeze({ ...partitions }),
    partitionTypes: types,
    path,
    latestPath,
    readPath: isLatest ? latestPath : path,
    writePaths: Object.freeze(writesBoth ? [path, latestPath] : [isLatest ? latestPath : path]),
    glob: `${type}/${format}/${directory}/rundate=*/${wildcards}${file}`,
  })
}

const NO_VALUES: Dataset['partitions'] = Object.freeze({})

function toWildcards(partitions: Dataset['partitions']): string {
  return Object.keys(partitions)
    .map((key) => `${key}=*/`)
    .join('')
}

function requireOneOf(
  allowed: readonly string[],
  value: unknown,
  option: string,
  name: string,
): void {
  if (typeof value === 'string' && allowed.includes(value)) return
  const choices = allowed.map((choice) => `"${choice}"`).join(', ')
  throw invalid(`Dataset "${name}": ${option} must be ${choices}, got ${describe(value)}.`, name)
}

function invalid(message: string, dataset?: string): DatasetError {
  return new DatasetError(message, { code: 'INVALID_DATASET', dataset })
}
