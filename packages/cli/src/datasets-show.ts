import { describeDataset } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf, formatBytes } from './datasets.ts'
import { openContextStore } from './stores.ts'

/** `datasets show`. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  const found = await describeDataset(store, dataset, { signal })
  if (output.json) {
    output.printJson(found)
    return
  }
  const { latest } = found
  const rows = [
    ['path', found.path],
    ['uri', found.uri],
    ['size', `${found.size} (${formatBytes(found.size)})`],
    ['written', found.lastModified.toISOString()],
    ['etag', found.etag],
    ['content type', found.contentType ?? ''],
    ['latest', latest?.rundate ?? 'not known'],
    ['latest rows', latest?.rows === undefined ? '' : String(latest.rows)],
    ['latest sha256', latest?.sha256 ?? ''],
  ]
  output.printTable(
    [{ title: 'of', whole: true }, { title: dataset.name }],
    rows.filter(([, value]) => value !== ''),
  )
}
