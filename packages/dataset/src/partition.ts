import { DatasetError, describe } from './errors.ts'

/**
 * One partition value: text, a whole number, or null (`__HIVE_DEFAULT_PARTITION__`).
 * A number must be a safe integer; larger ones go as `bigint` or text.
 */
export type PartitionValue = string | number | bigint | null

/** The name that Hive, DuckDB and pyarrow give the directory of a null value. */
const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/
const MAX_SEGMENT_BYTES = 255

/** `key=value` directories in the order given, escaped as DuckDB and pyarrow escape them. */
export function partitionSegments(
  partitions: Readonly<Record<string, PartitionValue>>,
  dataset: string,
): string[] {
  // Hive readers match column names case-insensitively, so `Day` and `day` would be one column.
  const taken = new Set(['dataset', 'rundate'])
  return Object.entries(partitions).map(([key, value]) => {
    if (!KEY.test(key)) {
      throw invalid(dataset, `partition key ${describe(key)} is not letters, digits and "_"`)
    }
    if (taken.has(key.toLowerCase())) {
      throw invalid(dataset, `partition key "${key}" is already taken (case does not count)`)
    }
    taken.add(key.toLowerCase())
    return segment(key, escapeValue(key, value, dataset), dataset)
  })
}

/** One path segment `key=value`, refused when no file system could hold it. */
export function segment(key: string, escaped: string, dataset: string): string {
  const text = `${key}=${escaped}`
  if (text.length > MAX_SEGMENT_BYTES) {
    throw invalid(
      dataset,
      `"${key}=…" is ${text.length} bytes long as a directory name; the limit is ${MAX_SEGMENT_BYTES}`,
    )
  }
  return text
}

function escapeValue(key: string, value: PartitionValue, dataset: string): string {
  if (value === null) return NULL_PARTITION
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw invalid(
        dataset,
        `partition "${key}" must be a safe integer when it is a number; give other numbers as text`,
      )
    }
    return String(value)
  }
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') {
    throw invalid(
      dataset,
      `partition "${key}" must be text, a whole number or null, got ${describe(value)}`,
    )
  }
  if (value === '') throw invalid(dataset, `partition "${key}" is empty; use null for "no value"`)
  if (value === NULL_PARTITION) {
    throw invalid(dataset, `partition "${key}" is the text that stands for null; use null itself`)
  }
  if (!value.isWellFormed()) {
    throw invalid(
      dataset,
      `partition "${key}" holds half a surrogate pair, which UTF-8 cannot hold`,
    )
  }
  if (value.includes('\0')) {
    throw invalid(dataset, `partition "${key}" holds a NUL character, which ends a path`)
  }
  // encodeURIComponent leaves these five alone; DuckDB and pyarrow do not.
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function invalid(dataset: string, reason: string): DatasetError {
  return new DatasetError(`Dataset "${dataset}": ${reason}.`, { code: 'INVALID_DATASET', dataset })
}
