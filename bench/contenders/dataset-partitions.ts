import { createDataset, listPartitions } from '@prefect-ts/dataset'
import { createLocalStore } from '@prefect-ts/store-local'

const [basepath, how] = process.argv.slice(2)
const store = createLocalStore({ basepath })
const many = createDataset({ name: 'many', format: 'csv', today: '2014-01-01' })
let partitions = 0
const found =
  how === 'list'
    ? store.list({ prefix: 'extracts/csv/dataset=many/' })
    : listPartitions(store, many)
for await (const _ of found) partitions += 1
console.log('partitions', partitions)
