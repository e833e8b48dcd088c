import { createReadStream } from 'node:fs'
import { inferSchema, initParser } from 'udsv'

let parser
let rows = 0
let distance = 0
const decoder = new TextDecoder()
for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1 << 18 })) {
  const text = decoder.decode(chunk, { stream: true })
  parser ??= initParser(inferSchema(text))
  parser.chunk(text, parser.typedObjs, (row) => {
    rows += 1
    distance += row.distance
  })
}
parser.end()
console.log('rows', rows, distance)
