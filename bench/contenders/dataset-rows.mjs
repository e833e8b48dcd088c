import { createDataset, readRows } from '@prefect-ts/dataset'
import { createLocalStore } from '@prefect-ts/store-local'

const [basepath, format, columns] = process.argv.slice(2)
const store = createLocalStore({ basepath })
const codec =
  format === 'csv'
    ? (await import('@prefect-ts/dataset/csv')).csv({ columns: JSON.parse(columns) })
    : (await import('@prefect-ts/dataset/parquet')).parquet()
const flights = createDataset({
  name: 'flights',
  format,
  rundate: '2013-12-31',
  today: '2014-01-01',
})
let rows = 0
let distance = 0
for await (const batch of readRows(store, flights, { codec }).batches()) {
  rows += batch.length
  for (const row of batch) distance += Number(row.distance)
}
console.log('rows', rows, distance)
