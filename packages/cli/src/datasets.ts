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

/** The dataset that an argument and the options name. Its format is looked up in the store when only one has that name. */
export async function datasetOf(
  context: CommandContext,
  store: Store,
  name: string,
): Promise<Dataset> {
  const rundate = context.value('rundate')
  const partitions: Record<string, string | null> = {}
  for (const pair of context.values('partition')) {
    const place = pair.indexOf('=')
    if (place < 1) throw new UsageError(`--partition "${pair}" is not key=value`)
    partitions[pair.slice(0, place)] = pair.slice(place + 1) || null
  }
  const type = context.value('type') as DatasetType | undefined
  const given = context.value('format')
  const found = given === undefined ? await lookUp(context, store, name, type) : undefined
  return createDataset({
    name,
    type: found?.type ?? type,
    format: given ?? found?.format ?? '',
    compression: context.value('compression') as Compression | undefined,
    rundate,
    rundateType: rundate === undefined ? 'latest' : 'specific',
    partitions,
  })
}

async function lookUp(
  { signal }: CommandContext,
  store: Store,
  name: string,
  type: DatasetType | undefined,
): Promise<{ type: DatasetType; format: string }> {
  const all = await listDatasets(store, { type, signal })
  const [only, ...others] = all.filter((each) => each.name === name)
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
