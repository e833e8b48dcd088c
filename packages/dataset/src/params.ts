import {
  type Dataset,
  type DatasetType,
  type RundateType,
  DATASET_TYPES,
  EXPECTED,
  RUNDATE_TYPES,
  createDataset,
  isFormat,
  isName,
} from './dataset.ts'
import { DatasetError, describe } from './errors.ts'
import { type TodayOptions, isDay } from './today.ts'

/** What a flow passes to name a dataset: PrefectInterfaces.jl's field names. `null` is "not given". */
export interface DatasetParams {
  /** The dataset's name. */
  dataset_name: string
  /** Which datastore holds it: not part of the path, so only checked here; open the store with it. */
  datastore_type?: 'local' | 'remote' | null | undefined
  /** @default 'extracts' */
  dataset_type?: DatasetType | null | undefined
  /** @default 'csv' */
  file_format?: string | null | undefined
  /**
   * `YYYY-MM-DD`.
   * @default today
   */
  rundate?: string | null | undefined
  /** @default 'latest' when `rundate` is today, else 'specific' */
  rundate_type?: RundateType | null | undefined
}

const NAMES = [
  'dataset_name',
  'datastore_type',
  'dataset_type',
  'file_format',
  'rundate',
  'rundate_type',
] as const satisfies readonly (keyof DatasetParams)[]

/**
 * Makes a dataset from the parameters a flow passed, checking each at run time whatever its static type.
 * Throws `INVALID_PARAMETER`, naming the parameter, when one is unknown, missing or unusable.
 */
export function datasetFromParams(
  params: Readonly<Partial<Record<keyof DatasetParams, unknown>>>,
  options: TodayOptions = {},
): Dataset {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw invalid(`Dataset parameters must be an object, got ${describe(params)}.`)
  }
  for (const [name, value] of Object.entries(params)) {
    if (!NAMES.some((known) => known === name)) {
      throw invalid(
        `Unknown dataset parameter ${describe(name)} (a value of type ${typeOf(value)}); ` +
          `known ones: ${NAMES.join(', ')}.`,
      )
    }
  }
  if (params.dataset_name == null) {
    throw invalid('Dataset parameter "dataset_name" is missing: the flow must pass it.')
  }
  // Not part of the path, but a typing error here should not wait for the store to be opened.
  optional(params, 'datastore_type', isOneOf(['local', 'remote']), '"local" or "remote"')
  return createDataset({
    ...options,
    name: required(params, 'dataset_name', isName, EXPECTED.name),
    type: optional(params, 'dataset_type', isOneOf(DATASET_TYPES), quoted(DATASET_TYPES)),
    format: optional(params, 'file_format', isFormat, EXPECTED.format) ?? 'csv',
    rundate: optional(params, 'rundate', isDay, EXPECTED.rundate),
    rundateType: optional(params, 'rundate_type', isOneOf(RUNDATE_TYPES), quoted(RUNDATE_TYPES)),
  })
}

type Params = Parameters<typeof datasetFromParams>[0]

function optional<T>(
  params: Params,
  name: keyof DatasetParams,
  accepts: (value: unknown) => value is T,
  expected: string,
): T | undefined {
  return params[name] == null ? undefined : required(params, name, accepts, expected)
}

function required<T>(
  params: Params,
  name: keyof DatasetParams,
  accepts: (value: unknown) => value is T,
  expected: string,
): T {
  const value = params[name]
  if (accepts(value)) return value
  throw invalid(`Dataset parameter "${name}" must be ${expected}, got ${describe(value)}.`)
}

function isOneOf<T extends string>(choices: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => choices.some((choice) => choice === value)
}

function quoted(choices: readonly string[]): string {
  return choices.map((choice) => `"${choice}"`).join(' or ')
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function invalid(message: string): DatasetError {
  return new DatasetError(message, { code: 'INVALID_PARAMETER' })
}
