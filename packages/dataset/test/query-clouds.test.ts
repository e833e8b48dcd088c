import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDataset, datasetQuery, writeRows } from '../src/index.ts'
import { parquet } from '../src/parquet.ts'
import { clouds } from './clouds.ts'

const hostile = `it's 1/2 a=b%20 é`
const columns = { zip: 'string', n: 'integer' } as const

/** Runs the expression as it was printed, with the credentials in the environment. */
async function run(expression: string, env: Record<string, string>): Promise<unknown> {
  const python = join(import.meta.dirname, '../../../.venv/bin/python')
  const script = join(import.meta.dirname, 'remote_query.py')
  return await new Promise((resolve, reject) => {
    const child = execFile(
      python,
      [script],
      { env: { ...process.env, ...env } },
      (error, stdout) => {
        if (error === null) resolve(JSON.parse(stdout))
        else reject(error)
      },
    )
    child.stdin?.end(expression)
  })
}

// Not here: DuckDB needs its httpfs extension, which it downloads; Polars lists buckets of GCS through the XML API, which fake-gcs-server does not have.
// pyarrow's expression lists files on disk and says so for remote stores.
it.each(['s3', 'azure'])(
  'Polars reads parquet on %s by the expression alone',
  { timeout: 240_000 },
  async (kind) => {
    const cloud = await clouds[kind]?.()
    if (cloud === undefined) throw new Error(`no server for ${kind}`)
    try {
      const { store } = await cloud.open()
      const shared = { name: 'q', format: 'parquet', today: '2013-01-02' }
      for (const n of [1, 2]) {
        const partitions = { s: n === 1 ? hostile : null, i: n }
        const dataset = createDataset({ ...shared, rundate: `2013-01-0${n}`, partitions })
        await writeRows(store, dataset, [{ zip: '01234', n }], { codec: parquet({ columns }) })
      }
      const like = createDataset({ ...shared, partitions: { s: hostile, i: 1 } })
      const expression = datasetQuery(like, 'polars', { store })
      const given = { zip: '01234', dataset: 'q' }
      expect(await run(expression, cloud.environment)).toEqual([
        { ...given, n: 1, rundate: '2013-01-01', s: hostile, i: 1 },
        { ...given, n: 2, rundate: '2013-01-02', s: null, i: 2 },
      ])
      expect(() => datasetQuery(like, 'pyarrow', { store })).toThrow('lists files on disk')
    } finally {
      await cloud.stop()
    }
  },
)
