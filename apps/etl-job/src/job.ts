import { createDataset, datasetFromParams, readDataset, writeDataset } from '@prefect-ts/dataset'
import type { Run } from '@prefect-ts/run'
import { localAdapter } from '@prefect-ts/store-local'
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Params } from './params.ts'
import { createReport, type CarrierDelay } from './report.ts'
import { saveTo } from './save-to.ts'

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
export async function carrierDelays(run: Run<Params>): Promise<Result> {
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

  const store = await run.openStore(named.datastore_type, { adapters: [localAdapter] })
  const folder = await mkdtemp(join(tmpdir(), 'etl-job-'))
  try {
    const input = { flights: join(folder, 'flights.csv'), airlines: join(folder, 'airlines.csv') }
    await saveTo(input.flights, await readDataset(store, flights, run), run.signal)
    await saveTo(input.airlines, await readDataset(store, airlines, run), run.signal)
    run.log.info('Inputs read', { flights: flights.readPath, airlines: airlines.readPath })
    run.progress(0.3)

    const file = join(folder, 'carrier_delays.parquet')
    const carriers = await createReport(input, file, run.signal)
    const counted = carriers.reduce((sum, row) => sum + row.flights, 0)
    const cancelled = carriers.reduce((sum, row) => sum + row.cancelled, 0)
    if (cancelled > 0) run.log.warning('Some flights never left', { cancelled, of: counted })
    run.progress(0.7)

    const written = await writeDataset(
      store,
      delays,
      { file },
      { signal: run.signal, rows: carriers.length },
    )
    run.log.info('Report written', {
      rows: carriers.length,
      bytes: written.bytes,
      path: written.path,
    })
    const signature = signingKeyBlock && (await sign(run, signingKeyBlock, written.sha256))
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

async function sign(run: Run<Params>, block: `secret/${string}`, digest: string): Promise<string> {
  const key = (await run.loadBlock(block)).data.value
  run.log.info('Report signed', { block, key })
  return createHmac('sha256', key.reveal()).update(digest).digest('hex')
}

async function show(
  run: Run<Params>,
  rundate: string,
  carriers: readonly CarrierDelay[],
  uri: string,
): Promise<void> {
  await run.artifact.table({
    key: 'carrier-delays',
    description: `Departure delays of ${rundate}, in minutes`,
    rows: carriers,
  })
  const worst = carriers.toSorted((a, b) => (b.p90_delay ?? 0) - (a.p90_delay ?? 0))[0]
  await run.artifact.markdown({
    key: 'carrier-delays-summary',
    markdown: [
      `## Carrier delays of ${rundate}`,
      `${carriers.reduce((sum, row) => sum + row.flights, 0)} flights of ${carriers.length} carriers.`,
      worst
        ? `Longest 90th percentile: **${worst.name}**, ${worst.p90_delay} minutes.`
        : 'No flights.',
      `Written to \`${uri}\`.`,
    ].join('\n\n'),
  })
}
