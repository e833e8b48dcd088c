import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const file = await asyncBufferFromFile(process.argv[2])
const found = await parquetReadObjects({ file, compressors })
let distance = 0
for (const row of found) distance += Number(row.distance)
console.log('rows', found.length, distance)
