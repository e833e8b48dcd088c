import { resolve } from 'node:path'
import { type Dataset, readDataset, writeDataset } from '@prefect-ts/dataset'
import { isStoreError, type Store } from '@prefect-ts/store'
import type { CommandContext } from './command.ts'
import { datasetOf, formatBytes } from './datasets.ts'
import { CommandError, UsageError } from './errors.ts'
import { createProgressBar } from './progress-bar.ts'
import { openContextStore } from './stores.ts'

const marker = 'dataset='

/** `datasets cp`: a dataset to a file, or a file to a dataset. */
export async function run(context: CommandContext): Promise<void> {
  const [from = '', to = ''] = context.arguments
  if (from.startsWith(marker) === to.startsWith(marker)) {
    throw new UsageError(
      `one of the two is a dataset (${marker}flights), the other a file, got "${from}" and "${to}"`,
    )
  }
  const store = await openContextStore(context)
  await (from.startsWith(marker)
    ? download(context, store, from.slice(marker.length), to)
    : upload(context, store, from, to.slice(marker.length)))
}

async function download(
  context: CommandContext,
  store: Store,
  name: string,
  to: string,
): Promise<void> {
  const { output, signal, cwd } = context
  const dataset = await datasetOf(context, store, name)
  const file = resolve(cwd, to)
  const bar = createProgressBar(dataset.readPath)
  const { size, verified } = await store
    .download(dataset.readPath, file, { signal, onProgress: bar.onProgress })
    .finally(bar.end)
    .catch((error: unknown) => sayWhatThereIs(error, store, dataset, signal))
  if (output.json) output.printJson({ path: dataset.readPath, file, bytes: size, verified })
  else output.print(file)
}

/** An absent object is a dataset of other days, or of another name: reading it says which there are. */
async function sayWhatThereIs(
  error: unknown,
  store: Store,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<never> {
  if (isStoreError(error, 'NOT_FOUND')) {
    const { body } = await readDataset(store, dataset, { signal })
    await body.cancel()
  }
  throw error
}

async function upload(
  context: CommandContext,
  store: Store,
  from: string,
  name: string,
): Promise<void> {
  const { output, signal, cwd } = context
  const dataset = await datasetOf(context, store, name, { mayBeNew: true })
  const bar = createProgressBar(dataset.writePaths[0] ?? dataset.path)
  const { onProgress } = bar
  const written = await writeDataset(
    store,
    dataset,
    { file: resolve(cwd, from) },
    { signal, onProgress },
  ).finally(bar.end)
  if (output.json) output.printJson(written)
  else {
    output.print(written.uri)
    output.note(`${formatBytes(written.bytes)}, sha256 ${written.sha256}, latest ${written.latest}`)
  }
  if (written.latest === 'kept-newer') {
    throw new CommandError('A newer day stands at latest and was kept')
  }
}
