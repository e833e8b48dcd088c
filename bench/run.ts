// just bench [name]
import { runScript } from '../scripts/lib/script.ts'
import { withTemporaryServer } from '../scripts/lib/temporary-server.ts'
import { apiImport } from './api-import.ts'
import { apiRequests } from './api-requests.ts'
import { blockLoad } from './block-load.ts'
import { cliBench } from './cli.ts'
import { runJobBench } from './run-job.ts'
import { storeMemory } from './store-memory.ts'
import { storeS3, storeS3Minio } from './store-s3.ts'
import { storeS3Link } from './store-s3-link.ts'
import { storeS3List } from './store-s3-list.ts'
import { storeLocal } from './store-local.ts'
import { dataset } from './dataset.ts'

const benches: Record<string, (apiUrl: string) => Promise<void>> = {
  'block-load': blockLoad,
  cli: cliBench,
  'api-requests': apiRequests,
  'run-job': runJobBench,
  'api-import': apiImport,
  'store-local': storeLocal,
  'store-s3': storeS3,
  'store-s3-link': storeS3Link,
  'store-s3-minio': storeS3Minio,
  'store-s3-list': storeS3List,
  'store-memory': storeMemory,
  dataset,
}
const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`No bench "${unknown.join('", "')}": there are ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}
await runScript(async (signal) => {
  await withTemporaryServer(signal, async (apiUrl) => {
    for (const [name, bench] of Object.entries(benches)) {
      if (names.length === 0 || names.includes(name)) await bench(apiUrl)
    }
  })
  return 0
})
