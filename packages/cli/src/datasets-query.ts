import { datasetQuery, type QueryEngine } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf } from './datasets.ts'
import { UsageError } from './errors.ts'
import { openContextStore } from './stores.ts'

const engines: readonly QueryEngine[] = ['duckdb', 'polars', 'pyarrow']

/** `datasets query`: the expression that reads all days with another tool. */
export async function run(context: CommandContext): Promise<void> {
  const { output } = context
  const wanted = context.value('for') ?? 'duckdb'
  const engine = engines.find((each) => each === wanted)
  if (engine === undefined)
    throw new UsageError(`--for "${wanted}" is none of ${engines.join(', ')}`)
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  const query = datasetQuery(dataset, engine, { store })
  if (output.json) output.printJson({ engine, query })
  else output.print(query)
}
