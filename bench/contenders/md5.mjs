// What checking the digest costs by itself: a file read and hashed, in one thread.
import { createHash } from 'node:crypto'
import { openSync, readSync } from 'node:fs'

const hash = createHash('md5')
const file = openSync(process.argv[2] ?? '', 'r')
const buffer = Buffer.alloc(1024 * 1024)
for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
  hash.update(buffer.subarray(0, bytes))
}
console.log('done', hash.digest('hex'))
