// The bare driver does the same copy: no dataset, no digest, no atomic put.
import { DuckDBInstance } from '@duckdb/node-api'

const [source, target] = process.argv.slice(2)
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const query = `select * from read_csv('${source}', hive_partitioning = false)`
const reader = await connection.runAndReadAll(`copy (${query}) to '${target}' (format parquet)`)
console.log('rows', Number(reader.getRows()[0]?.[0]))
