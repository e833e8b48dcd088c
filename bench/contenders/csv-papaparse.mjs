import { createReadStream } from 'node:fs'
import Papa from 'papaparse'

let rows = 0
let distance = 0
await new Promise((complete, error) => {
  Papa.parse(createReadStream(process.argv[2], { highWaterMark: 1 << 18 }), {
    header: true,
    dynamicTyping: true,
    skipEmptyLines: true,
    chunk({ data }) {
      rows += data.length
      for (const row of data) distance += row.distance
    },
    complete,
    error,
  })
})
console.log('rows', rows, distance)
