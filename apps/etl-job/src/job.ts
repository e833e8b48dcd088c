import {
  createDataset,
  datasetFromParams,
  readDataset,
  writeDataset,
  type Dataset,
} from '@prefect-ts/dataset'
import type { Run } from '@prefect-ts/run'
import type { Store, StoreAdapter } from '@prefect-ts/store'
import { fileError, writeFileAtomically } from '@prefect-ts/store/files'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CsvInput } from './csv-input.ts'
import type { Params } from './params.ts'
import { createReport, type CarrierDelay } from './report.ts'

/** What the flow gets back. */
export interface Result {
  dataset: string
  rundate: string
  /** Rows of the report: one a carrier. */
  rows: number
  /** Flights that the report counts. */
  flights: number
  bytes: number
  sha256: string
  paths: readonly string[]
  uri: string
  /** HMAC-SHA256 of the file's digest, under the signing key. */
  signature: string | undefined
  carriers: readonly CarrierDelay[]
}

/** Reads one day of flights, reports the delays of each carrier, writes the report as a dataset. */
export async function carrierDelays(
  run: Run<Params>,
  adapters: readonly StoreAdapter[],
): Promise<Result> {
  const { signing_key_block: signingKeyBlock, ...named } = run.params
  const today = { scheduledStart: run.scheduledStart, timeZone: run.timeZone }
  const flights = datasetFromParams(named, today)
  const airlines = datasetFromParams({ ...named, dataset_name: 'airlines' }, today)
  const delays = createDataset({
    name: 'carrier_delays',
    type: 'reports',
    format: 'parquet',
    rundate: flights.rundate,
    rundateType: flights.rundateType,
  })

  // Before any work: a missing key must not fail a job that has written its report.
  const key = signingKeyBlock && (await run.loadBlock(signingKeyBlock)).data.value
  const store = await run.openStore(named.datastore_type, { adapters })
  const folder = await makeTemporaryFolder()
  try {
    const input = {
      flights: await save(store, flights, folder, run.signal),
      airlines: await save(store, airlines, folder, run.signal),
    }
    run.log.info(`Read ${flights.readPath} and ${airlines.readPath}`)
    run.progress(0.3)

    const file = join(folder, 'carrier_delays.parquet')
    const carriers = await createReport(input, file, run.signal)
    const counted = carriers.reduce((sum, row) => sum + row.flights, 0)
    const cancelled = carriers.reduce((sum, row) => sum + row.cancelled, 0)
    if (cancelled > 0) run.log.warning(`${cancelled} of ${counted} flights never left`)
    run.progress(0.7)

    const written = await writeDataset(
      store,
      delays,
      { file },
      { signal: run.signal, rows: carriers.length },
    )
    run.log.info(`Wrote ${written.path}`, { rows: carriers.length, bytes: written.bytes })
    const signature = key && createHmac('sha256', key.reveal()).update(written.sha256).digest('hex')
    if (key) run.log.info('Signed the report', { block: signingKeyBlock, key })
    await show(run, flights.rundate, carriers, written.uri)
    run.progress(1)
    return {
      dataset: delays.name,
      rundate: delays.rundate,
      rows: carriers.length,
      flights: counted,
      bytes: written.bytes,
      sha256: written.sha256,
      paths: written.paths,
      uri: written.uri,
      signature,
      carriers,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'etl-job-'))
  } catch (error) {
    const { message } = fileError(error, 'Cannot make a temporary folder', { path: tmpdir() })
    throw new Error(`${message}. Set TMPDIR to a folder that can be written to.`, { cause: error })
  }
}

/** Saves a dataset as a file, for DuckDB, which knows only files. */
async function save(
  store: Store,
  dataset: Dataset,
  folder: string,
  signal: AbortSignal,
): Promise<CsvInput> {
  const file = join(folder, `${dataset.name}.csv`)
  const { body } = await readDataset(store, dataset, { signal })
  await writeFileAtomically(file, body, { signal })
  return { file, source: `Dataset "${dataset.name}" at "${dataset.readPath}" in ${store.url}` }
}

async function show(
  run: Run<Params>,
  rundate: string,
  carriers: readonly CarrierDelay[],
  uri: string,
): Promise<void> {
  await run.artifact.table({
    key: 'carrier-delays',
    description: `Delays of ${rundate} in minutes`,
    rows: carriers,
  })
  const total = (column: 'flights' | 'cancelled'): string =>
    carriers.reduce((sum, row) => sum + row[column], 0).toLocaleString('en')
  const worst = carriers
    .filter((row) => row.p90_delay !== null)
    .toSorted((a, b) => Number(b.p90_delay) - Number(a.p90_delay))[0]
  await run.artifact.markdown({
    key: 'carrier-delays-summary',
    description: `Summary of ${rundate}`,
    markdown: [
      `## Departure delays of ${rundate}`,
      `- ${total('flights')} flights of ${carriers.length} carriers, ${total('cancelled')} of them cancelled`,
      ...(worst
        ? [`- longest 90th percentile: **${worst.name}**, ${worst.p90_delay} minutes`]
        : []),
      `- written to \`${uri}\``,
    ].join('\n'),
  })
}
