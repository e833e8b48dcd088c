import {
  createDataset,
  listDatasets,
  type Compression,
  type Dataset,
  type DatasetType,
} from '@prefect-ts/dataset'
import type { Store } from '@prefect-ts/store'
import type { CommandContext } from './command.ts'
import { CommandError, UsageError } from './errors.ts'

/**
 * The dataset that an argument and the options name. Its type and format are looked up in the store when only one has that name. One that `mayBeNew` is to be
 * written: it needs a format where there is none yet, and without a rundate it is today's.
 */
export async function datasetOf(
  context: CommandContext,
  store: Store,
  name: string,
  { mayBeNew = false }: { mayBeNew?: boolean } = {},
): Promise<Dataset> {
  const rundate = context.value('rundate')
  const partitions = context.values('partition').map((pair): [string, string | null] => {
    const place = pair.indexOf('=')
    if (place < 1) throw new UsageError(`--partition "${pair}" is not key=value`)
    return [pair.slice(0, place), pair.slice(place + 1) || null]
  })
  const type = context.value('type') as DatasetType | undefined
  const format = context.value('format')
  const found =
    format === undefined ? await lookUp(context, store, name, type, mayBeNew) : undefined
  return createDataset({
    name,
    type: found?.type ?? type,
    format: format ?? found?.format ?? '',
    compression: context.value('compression') as Compression | undefined,
    rundate,
    rundateType: mayBeNew ? undefined : rundate === undefined ? 'latest' : 'specific',
    partitions: Object.fromEntries(partitions),
  })
}

async function lookUp(
  { signal }: CommandContext,
  store: Store,
  name: string,
  type: DatasetType | undefined,
  mayBeNew: boolean,
): Promise<{ type: DatasetType; format: string }> {
  const all = await listDatasets(store, { type, signal })
  const [only, ...others] = all.filter((each) => each.name === name)
  if (only === undefined && mayBeNew) throw new UsageError('a new dataset needs its --format')
  if (only === undefined) {
    const names = [...new Set(all.map((each) => each.name))]
    throw new CommandError(
      `There is no dataset "${name}" in ${store.url}; it has ${names.slice(0, 20).join(', ') || 'none'}`,
    )
  }
  if (others.length === 0) return only
  const choices = [only, ...others].map((each) => `--type ${each.type} --format ${each.format}`)
  throw new UsageError(`"${name}" is several datasets: say ${choices.join(', or ')}`)
}

/** A size for people. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
