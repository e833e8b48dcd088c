import { DuckDBInstance } from '@duckdb/node-api'
import { createDataset } from '@prefect-ts/dataset'
import { writeDuckdb } from '@prefect-ts/dataset/duckdb'
import { createLocalStore } from '@prefect-ts/store-local'

const [basepath] = process.argv.slice(2)
const store = createLocalStore({ basepath })
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const given = { name: 'flights', rundate: '2013-12-31', today: '2014-01-01' }
const source = store.locate(createDataset({ ...given, format: 'csv' }).path)
const target = createDataset({ ...given, name: 'flights_by_duckdb', format: 'parquet' })
const query = `select * from read_csv('${source}', hive_partitioning = false)`
const { rows } = await writeDuckdb(store, target, { connection, query })
console.log('rows', rows)
