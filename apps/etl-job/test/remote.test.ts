import { createS3Store } from '@prefect-ts/store-s3'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { s3Keys, startMoto } from '../../../test/servers/moto.ts'
import type { TestServer } from '../../../test/servers/process.ts'
import type { Result } from '../src/job.ts'
import { startFlows, type Flows } from './flows.ts'
import { day, inputPaths } from './inputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'etl-job-test-'))
const data = join(folder, 'data')
// The Prefect server is shared: a block of our own.
const block = `s3-bucket/${basename(folder).toLowerCase()}`
const report = `reports/parquet/dataset=carrier_delays/rundate=${day}/data.parquet`

let server: TestServer
let flows: Flows

beforeAll(async () => {
  server = await startMoto()
  flows = await startFlows(folder, {
    PREFECT_DATASTORE_DEFAULT_TYPE: 'remote',
    PREFECT_DATA_BLOCK_REMOTE: block,
    PREFECT_TS_DATA_DIRECTORY: data,
    PREFECT_TS_S3_ENDPOINT: server.url,
    PREFECT_TS_S3_ACCESS_KEY_ID: s3Keys.accessKeyId,
    PREFECT_TS_S3_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
  })
})
afterAll(async () => {
  await flows?.stop()
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('the same flow and job on an S3 bucket: Python reads back what Node wrote', async () => {
  const run = await flows.run({ rundates: [day] })
  expect({ state: run.state, message: run.message }).toEqual({ state: 'COMPLETED', message: null })
  const result = (run.result as Record<string, Result>)[day]
  expect(result).toMatchObject({
    rows: 14,
    flights: 842,
    paths: [report],
    uri: `s3://etl-data/willowdata/dev/${report}`,
  })
  const store = createS3Store({
    bucket: 'etl-data',
    folder: 'willowdata/dev',
    endpoint: server.url,
    credentials: s3Keys,
    region: 'us-east-1',
  })
  const keys: string[] = []
  for await (const { key } of store.list()) keys.push(key)
  expect(keys).toEqual([...inputPaths, report])
  const object = await store.get(report)
  const bytes = Buffer.from(await new Response(object?.body).arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(result?.sha256)
  // Nothing of it passed through a disk that stays.
  expect(run.temporary).toEqual([])
  expect(readdirSync(folder)).not.toContain('data')
})
