// Reads a csv file of so many megabytes, which is made while it is read, and writes its rows into another: <megabytes>
// [lone-quote]. Prints the rows, the error if any, and the peak of resident memory in MiB.
import type { Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { csv } from '../src/csv.ts'
import { createDataset, readRows, writeRows } from '../src/index.ts'

const [megabytes = '1', end = ''] = process.argv.slice(2)
const given = { format: 'csv', rundate: '2013-01-01', today: '2023-07-24' }
const source = createDataset({ ...given, name: 'source' })
const target = createDataset({ ...given, name: 'target', compression: 'gzip' })
const line = '2013-01-01,UA,1545,N14228,"EWR, Newark",IAH,227.5,01234\n'
const chunk = Buffer.from(line.repeat(Math.floor((1 << 20) / line.length)))
const memory = createMemoryStore()
const store: Store = {
  ...memory,
  async get(key, options) {
    if (key !== source.path) return await memory.get(key, options)
    let left = Number(megabytes)
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (left === Number(megabytes)) {
            controller.enqueue(Buffer.from('day,carrier,flight,tailnum,origin,dest,minutes,zip\n'))
          }
          if (left > 0) controller.enqueue(chunk)
          if (left-- > 0) return
          if (end === 'lone-quote')
            controller.enqueue(Buffer.from('2013-01-02,UA,1,"N1,EWR,IAH,1,1\n'))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const facts = {
      size: 0,
      etag: '"1"',
      lastModified: new Date(),
      contentType: undefined,
      metadata: {},
    }
    return { ...facts, body }
  },
  // Takes the content and forgets it.
  async put(_key, body) {
    let size = 0
    for await (const part of body as AsyncIterable<Uint8Array>) size += part.byteLength
    return { etag: '"1"', size }
  },
}
const columns = { flight: 'integer', minutes: 'double', zip: 'string' } as const
const rows = readRows(store, source, { codec: csv({ columns }) })
let error = ''
try {
  await writeRows(store, target, rows.batches(), { codec: csv() })
} catch (caught) {
  error = String(caught)
}
const peak = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ rows: rows.rows, error, peak: Math.round(peak) }))
