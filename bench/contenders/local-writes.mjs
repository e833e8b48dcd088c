// node local-writes.mjs store|hand size count: overwrites one of 10 files `count` times, durably.
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'

const [who, size, count] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'bench-writes-'))
const bytes = Buffer.alloc(Number(size), 1)
const store = createLocalStore({ basepath: folder })

/** The system calls that a durable, atomic write can't do without, and the counting of bytes. */
async function byHand(name) {
  const temp = join(folder, `.${name}.tmp`)
  const file = await open(temp, 'wx')
  for (let start = 0; start < bytes.byteLength;) {
    const { bytesWritten } = await file.write(
      bytes,
      start,
      Math.min(1 << 20, bytes.byteLength - start),
    )
    start += bytesWritten
  }
  await file.sync()
  await file.close()
  const place = await open(folder, 'r')
  await rename(temp, join(folder, name))
  await place.sync()
  await place.close()
}

const write = who === 'hand' ? byHand : (name) => store.put(name, bytes)
try {
  await mkdir(folder, { recursive: true })
  for (let index = 0; index < Number(count); index++) await write(`file${index % 10}`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
console.log('done')
