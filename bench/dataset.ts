import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDataset, readRows, writeDataset, writeRows } from '@prefect-ts/dataset'
import { csv } from '@prefect-ts/dataset/csv'
import { parquet } from '@prefect-ts/dataset/parquet'
import { createLocalStore } from '@prefect-ts/store-local'
import { root, venv } from '../scripts/lib/prefect-server.ts'
import { flightColumns } from './contenders/flight-columns.ts'
import { measure, report } from './lib/harness.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)
const node = (file: string, ...args: string[]): string[] => [
  process.execPath,
  contender(file),
  ...args,
]
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 11)

function version(name: string): string {
  const require = createRequire(import.meta.url)
  return (require(`${name}/package.json`) as { version: string }).version
}

/**
 * The 336,776 flights of 2013: rows out of csv and parquet against the bare parsers, csv to parquet by DuckDB against pandas, 100,000 partitions
 * against the bare listing, and paths a second.
 */
export async function dataset(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-bench-'))
  try {
    const store = createLocalStore({ basepath: folder })
    const file = join(folder, 'flights.csv')
    execFileSync(join(venv, 'bin/python'), [contender('make_flights.py'), file])
    const given = { name: 'flights', rundate: '2013-12-31', today: '2014-01-01' }
    const text = createDataset({ ...given, format: 'csv' })
    await writeDataset(store, text, { file })
    const rows = readRows(store, text, { codec: csv({ columns: flightColumns }) }).batches()
    const columns = createDataset({ ...given, format: 'parquet' })
    await writeRows(store, columns, rows, { codec: parquet({ columns: flightColumns }) })
    const parquetFile = store.locate(columns.path)
    const expect = 'rows 336776'
    report(
      'dataset-csv',
      '336,776 rows out of a csv file of 34 MB, typed',
      await measure(
        [
          { name: 'uDSV, streamed', command: node('csv-udsv.mjs', file), expect },
          {
            name: '@prefect-ts/dataset/csv',
            command: node('dataset-rows.mjs', folder, 'csv', JSON.stringify(flightColumns)),
            expect,
          },
          { name: 'PapaParse, streamed', command: node('csv-papaparse.mjs', file), expect },
          { name: 'csv-parse', command: node('csv-parse.mjs', file), expect },
        ],
        rounds,
      ),
      { node: process.versions.node, udsv: version('udsv'), papaparse: version('papaparse') },
    )
    report(
      'dataset-parquet',
      '336,776 rows out of a parquet file',
      await measure(
        [
          { name: 'hyparquet', command: node('hyparquet-rows.mjs', parquetFile), expect },
          {
            name: '@prefect-ts/dataset/parquet',
            command: node('dataset-rows.mjs', folder, 'parquet'),
            expect,
          },
        ],
        rounds,
      ),
      { node: process.versions.node },
    )
    report(
      'dataset-duckdb',
      'csv to parquet, process to process',
      await measure(
        [
          {
            name: '@prefect-ts/dataset/duckdb',
            command: node('dataset-duckdb.mjs', folder, JSON.stringify(flightColumns)),
            expect,
          },
          {
            name: '@duckdb/node-api, bare',
            command: node('duckdb-bare.mjs', file, join(folder, 'bare.parquet')),
            expect,
          },
          {
            name: 'pandas read_csv, to_parquet',
            command: [
              join(venv, 'bin/python'),
              contender('pandas_parquet.py'),
              file,
              join(folder, 'pandas.parquet'),
            ],
            expect,
          },
        ],
        rounds,
      ),
      { node: process.versions.node },
    )
    execFileSync(join(venv, 'bin/python'), [contender('make_partitions.py'), folder, '100000'])
    const partitions = 'partitions 100000'
    report(
      'dataset-partitions',
      '100,000 partitions of a dataset on local disk',
      await measure(
        [
          {
            name: 'store.list',
            command: node('dataset-partitions.ts', folder, 'list'),
            expect: partitions,
          },
          {
            name: 'listPartitions',
            command: node('dataset-partitions.ts', folder, 'partitions'),
            expect: partitions,
          },
        ],
        Math.min(rounds, 5),
      ),
      { node: process.versions.node },
    )
    console.log(
      `\n${execFileSync(process.execPath, [contender('dataset-paths.ts')], { encoding: 'utf8' })}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
