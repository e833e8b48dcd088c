import { COLUMN_TYPES, type ColumnTypes } from './columns.ts'
import {
  type Compression,
  type Dataset,
  type DatasetType,
  type RundateType,
  createDataset,
} from './dataset.ts'
import { DatasetError, describe } from './errors.ts'
import type { PartitionType, PartitionValue } from './partition.ts'
import { type RowSchema, checkSchema, columnsOf } from './row-schema.ts'
import type { TodayOptions } from './today.ts'

/** One dataset of a catalogue, declared once. */
export interface DatasetDefinition {
  /** @default 'extracts' */
  readonly type?: DatasetType | undefined
  /** Names the codec and the file's extension. */
  readonly format: string
  /** Adds `.gz` or `.zst`. @default none */
  readonly compression?: Compression | undefined
  /** Further partition keys below `rundate`, in this order, with their types. @default none */
  readonly partitions?: Readonly<Record<string, PartitionType>> | undefined
  /** Types of the file's columns. @default those that `schema` tells */
  readonly columns?: ColumnTypes | undefined
  /** The row schema: for TypeScript only, as JSON can't hold it. */
  readonly schema?: RowSchema | undefined
  /** One sentence on what it holds. */
  readonly description?: string | undefined
}

/** Definitions by name. */
export type DatasetDefinitions = Readonly<Record<string, DatasetDefinition>>

type ValueOf<Type> = Type extends 'integer'
  ? number | bigint | string
  : Type extends 'timestamp'
    ? Date | string
    : string

/** Which partition of a dataset of the catalogue is meant. */
export type CatalogDatasetOptions<Definition extends DatasetDefinition> = TodayOptions & {
  /** @default today */
  rundate?: string | undefined
  /** @default 'latest' when `rundate` is today, else 'specific' */
  rundateType?: RundateType | undefined
} & (string extends keyof NonNullable<Definition['partitions']>
    ? // A catalogue read from JSON: its keys are known at run time only.
      { partitions?: Readonly<Record<string, PartitionValue>> | undefined }
    : Definition['partitions'] extends Readonly<Record<string, PartitionType>>
      ? {
          /** A value for every key that the definition declares. */
          partitions: {
            [Key in keyof Definition['partitions']]: ValueOf<Definition['partitions'][Key]> | null
          }
        }
      : { partitions?: undefined })

/** Datasets declared once, by name. */
export interface Catalog<Definitions extends DatasetDefinitions> {
  /** What was declared; `definitions.flights.schema` is the row schema, with its types. */
  readonly definitions: Definitions
  /** The names, in the order declared. */
  readonly names: readonly (keyof Definitions & string)[]
  /** A partition of one of the datasets. Throws `INVALID_DATASET` for an unknown name, listing those there are. */
  dataset<Name extends keyof Definitions & string>(
    name: Name,
    ...options: Definitions[Name]['partitions'] extends Readonly<Record<string, PartitionType>>
      ? [CatalogDatasetOptions<Definitions[Name]>]
      : [CatalogDatasetOptions<Definitions[Name]>?]
  ): Dataset
  /** The catalogue as protocol/catalog.md has it, for `JSON.stringify`: Python's `Catalog.load` reads the same file. */
  toJSON(): CatalogDocument
}

/** A catalogue as JSON. */
export interface CatalogDocument {
  readonly version: 1
  readonly datasets: Readonly<Record<string, CatalogEntry>>
}

/** One dataset of a catalogue as JSON. */
export interface CatalogEntry {
  readonly type: DatasetType
  readonly format: string
  readonly compression: Compression | null
  /** In order: JSON objects have none. */
  readonly partitions: readonly { readonly name: string; readonly type: PartitionType }[]
  /** In the order of the file; null when nothing is declared. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | null
  readonly description: string | null
}

/**
 * Declares datasets once. Everything is checked here, so a typing error shows at start and not with the first write.
 *
 * @example
 * const catalog = defineCatalog({ flights: { format: 'csv', partitions: { origin: 'string' }, schema: Flight } })
 * const flights = catalog.dataset('flights', { rundate: '2013-01-01', partitions: { origin: 'JFK' } })
 */
export function defineCatalog<const Definitions extends DatasetDefinitions>(
  definitions: Definitions,
): Catalog<Definitions> {
  const names = Object.keys(definitions)
  for (const name of names) check(name, definitions[name])
  return {
    definitions,
    names,
    dataset(name, ...[options]) {
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
      if (definition === undefined) {
        throw invalid(
          `the catalogue has no dataset ${describe(name)}; it has ${names.map(describe).join(', ')}`,
        )
      }
      const { type, format, compression, partitions: partitionTypes = {} } = definition
      const values: Readonly<Record<string, PartitionValue>> = options?.partitions ?? {}
      const missing = Object.keys(partitionTypes).filter((key) => !Object.hasOwn(values, key))
      if (missing.length > 0) {
        throw invalid(
          `dataset "${name}" needs a value for partition ${missing.map(describe).join(', ')}`,
        )
      }
      const unknown = Object.keys(values).filter((key) => !Object.hasOwn(partitionTypes, key))
      if (unknown.length > 0) {
        throw invalid(`dataset "${name}" declares no partition ${unknown.map(describe).join(', ')}`)
      }
      // The order of the directories is the declaration's, not the call's.
      const partitions = Object.fromEntries(
        Object.keys(partitionTypes).map((key) => [key, values[key] ?? null]),
      )
      return createDataset({
        ...options,
        name,
        type,
        format,
        compression,
        partitions,
        partitionTypes,
      })
    },
    toJSON: () => ({
      version: 1,
      datasets: Object.fromEntries(names.map((name) => [name, toEntry(definitions[name])])),
    }),
  }
}

/**
 * The catalogue of a JSON document, such as `JSON.parse` gives. Throws `INVALID_DATASET`, naming the dataset and the field, for one that is
 * not of the form in protocol/catalog.md.
 */
export function catalogFromJson(document: unknown): Catalog<DatasetDefinitions> {
  const { version, datasets } = fields(document, 'the catalogue')
  if (version !== 1) {
    throw invalid(
      `the catalogue has version ${describe(version)}, but this package reads version 1`,
    )
  }
  const entries = Object.entries(fields(datasets, '"datasets"')).map(([name, entry]) => {
    const { type, format, compression, partitions, columns, description, ...rest } = fields(
      entry,
      `dataset ${describe(name)}`,
    )
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) {
      throw invalid(`dataset ${describe(name)} has a field ${describe(unknown)} that is not known`)
    }
    const definition = {
      type: type ?? undefined,
      format,
      compression: compression ?? undefined,
      partitions: toTypes(partitions ?? [], name, 'partitions'),
      columns: columns == null ? undefined : toTypes(columns, name, 'columns'),
      description: description ?? undefined,
    }
    return [name, definition as DatasetDefinition] as const
  })
  return defineCatalog(Object.fromEntries(entries))
}

function check(name: string, definition: DatasetDefinition | undefined): void {
  const { type, format = '', compression, partitions = {}, columns = {} } = definition ?? {}
  const nulls = Object.fromEntries(Object.keys(partitions).map((key) => [key, null]))
  const today = '2000-01-01'
  createDataset({
    name,
    type,
    format,
    compression,
    partitions: nulls,
    partitionTypes: partitions,
    today,
  })
  checkSchema(definition?.schema, name)
  for (const [column, columnType] of Object.entries(columns)) {
    if (COLUMN_TYPES.includes(columnType)) continue
    const choices = COLUMN_TYPES.join(', ')
    throw invalid(
      `dataset "${name}": the type of column ${describe(column)} must be one of ${choices}`,
    )
  }
}

function toEntry(definition: DatasetDefinition | undefined): CatalogEntry {
  const { type = 'extracts', format = '', compression, partitions = {} } = definition ?? {}
  const columns = definition?.columns ?? columnsOf(definition?.schema, 'output')
  const { description } = definition ?? {}
  return {
    type,
    format,
    compression: compression ?? null,
    partitions: Object.entries(partitions).map(([name, one]) => ({ name, type: one })),
    columns:
      columns === undefined
        ? null
        : Object.entries(columns).map(([name, one]) => ({ name, type: one })),
    description: description ?? null,
  }
}

function toTypes(list: unknown, dataset: string, field: string): Record<string, unknown> {
  if (!Array.isArray(list)) throw invalid(`dataset ${describe(dataset)}: "${field}" is no list`)
  const types: Record<string, unknown> = {}
  for (const item of list as unknown[]) {
    const { name, type } = fields(item, `an item of "${field}" of dataset ${describe(dataset)}`)
    if (typeof name !== 'string' || Object.hasOwn(types, name)) {
      throw invalid(
        `dataset ${describe(dataset)}: "${field}" has an item without a name of its own`,
      )
    }
    types[name] = type
  }
  return types
}

function fields(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw invalid(`${what} is no object`)
}

function invalid(reason: string): DatasetError {
  return new DatasetError(`Cannot use the catalogue: ${reason}.`, { code: 'INVALID_DATASET' })
}
