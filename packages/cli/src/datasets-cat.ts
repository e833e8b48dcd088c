import { readDataset } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf } from './datasets.ts'
import { openContextStore } from './stores.ts'

/** `datasets cat`: the file as it is. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  const { body } = await readDataset(store, dataset, { signal })
  for await (const chunk of body) await output.write(chunk)
}
