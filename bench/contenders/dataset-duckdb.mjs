import { DuckDBInstance } from '@duckdb/node-api'
import { createDataset } from '@prefect-ts/dataset'
import { writeDuckdb } from '@prefect-ts/dataset/duckdb'
import { createLocalStore } from '@prefect-ts/store-local'

const [basepath, columns] = process.argv.slice(2)
const store = createLocalStore({ basepath })
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const given = { name: 'flights', rundate: '2013-12-31', today: '2014-01-01' }
const dataset = createDataset({ ...given, format: 'csv' })
const target = createDataset({ ...given, name: 'flights_by_duckdb', format: 'parquet' })
const source = {
  connection,
  query: 'from flights',
  inputs: { flights: { dataset, columns: JSON.parse(columns) } },
}
const { rows } = await writeDuckdb(store, target, source)
console.log('rows', rows)
