import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'

let rows = 0
let distance = 0
const file = createReadStream(process.argv[2], { highWaterMark: 1 << 18 })
for await (const row of file.pipe(parse({ columns: true, cast: true }))) {
  rows += 1
  distance += row.distance
}
console.log('rows', rows, distance)
