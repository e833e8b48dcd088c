// node local-listing.mjs store|hand folder: lists all files with their sizes, in UTF-8 byte order.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'

const [who, folder = ''] = process.argv.slice(2)
let files = 0
let bytes = 0
let last = Buffer.alloc(0)

function count(key, size) {
  const name = Buffer.from(key)
  if (Buffer.compare(last, name) >= 0) throw new Error(`${key} is out of order`)
  last = name
  files++
  bytes += size
}

/** All names of a folder, sorted, then one stat after the other: nothing checked, no links followed. */
async function byHand(path, prefix) {
  const entries = await readdir(path, { withFileTypes: true })
  const sorted = entries
    .map((entry) => ({ entry, order: Buffer.from(entry.name + (entry.isDirectory() ? '/' : '')) }))
    .toSorted((a, b) => Buffer.compare(a.order, b.order))
  for (const { entry } of sorted) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) await byHand(child, `${prefix}${entry.name}/`)
    else count(prefix + entry.name, (await stat(child, { bigint: true })).size === 0n ? 0 : 1)
  }
}

if (who === 'hand') await byHand(folder, '')
else {
  const store = createLocalStore({ basepath: folder })
  for await (const { key, size } of store.list()) count(key, size === 0 ? 0 : 1)
}
console.log(`${files} files, ${bytes} with content`)
