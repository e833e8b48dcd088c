import { listDatasets, type DatasetType } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { formatBytes } from './datasets.ts'
import { openContextStore } from './stores.ts'

/** `datasets ls`. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const store = await openContextStore(context)
  const type = context.value('type') as DatasetType | undefined
  const found = await listDatasets(store, { type, signal })
  if (output.json) {
    output.printJson(found)
    return
  }
  if (found.length === 0) output.note(`There are no datasets in ${store.url}`)
  output.printTable(
    [
      { title: 'dataset', whole: true },
      { title: 'type' },
      { title: 'format' },
      { title: 'files', right: true },
      { title: 'size', right: true },
      { title: 'oldest', whole: true },
      { title: 'newest', whole: true },
      { title: 'latest' },
    ],
    found.map((each) => [
      each.name,
      each.type,
      each.format,
      String(each.partitions),
      output.isTerminal ? formatBytes(each.bytes) : String(each.bytes),
      each.oldest ?? '',
      each.newest ?? '',
      each.hasLatest ? 'yes' : 'no',
    ]),
  )
}
