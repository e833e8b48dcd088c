import { createInterface } from 'node:readline/promises'
import { datasetExists, deletePartition } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf } from './datasets.ts'
import { CommandError, UsageError } from './errors.ts'
import { openContextStore } from './stores.ts'

/** `datasets rm`: one day of a dataset; `latest` stays. Asks first on a terminal. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  if (context.value('rundate') === undefined) {
    throw new UsageError('say which day: --rundate YYYY-MM-DD')
  }
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  if (!(await datasetExists(store, dataset, { signal }))) {
    throw new CommandError(`There is nothing at ${dataset.path} in ${store.url}`)
  }
  if (!context.flag('yes')) await ask(`Delete ${dataset.path} from ${store.url}?`, signal)
  await deletePartition(store, dataset, { signal })
  if (output.json) output.printJson({ deleted: [dataset.path] })
  else output.print(dataset.path)
}

async function ask(question: string, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('say --yes where nobody can be asked')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal
    .question(`${question} [y/N] `, { signal })
    .finally(() => terminal.close())
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was deleted')
}
