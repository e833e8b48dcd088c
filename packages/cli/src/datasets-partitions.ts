import { listPartitions } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf, formatBytes } from './datasets.ts'
import { openContextStore } from './stores.ts'

/** `datasets partitions`: one line a file, or one JSON object a line. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  const options = { from: context.value('from'), to: context.value('to'), signal }
  const rows: string[][] = []
  for await (const each of listPartitions(store, dataset, options)) {
    if (output.json) output.printJson(each)
    else {
      const size = output.isTerminal ? formatBytes(each.bytes) : String(each.bytes)
      const written = each.lastModified.toISOString()
      const shown = output.isTerminal ? written.slice(0, 16).replace('T', ' ') : written
      rows.push([each.rundate, size, shown, each.path])
    }
  }
  if (output.json) return
  output.printTable(
    [
      { title: 'rundate', whole: true },
      { title: 'size', right: true },
      { title: 'written', whole: true },
      { title: 'path' },
    ],
    rows,
  )
}
