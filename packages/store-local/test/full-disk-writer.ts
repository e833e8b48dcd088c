// Runs on a file system of 1 MiB: overwrites a good file with contents around and beyond the free space.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isStoreError } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
// @ts-expect-error it has no types
import writeFileAtomic from 'write-file-atomic'

const [folder = ''] = process.argv.slice(2)
const store = createLocalStore({ basepath: folder })
const memory = createMemoryStore()
const path = join(folder, 'k')
const oldSize = 200_000

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 10_007) {
    yield bytes.subarray(start, start + 10_007)
  }
}

const writers: Record<string, (bytes: Buffer) => Promise<unknown>> = {
  put: (bytes) => store.put('k', bytes),
  'put of a stream': (bytes) => store.put('k', pieces(bytes)),
  async download(bytes) {
    await memory.put('k', bytes)
    return await memory.download('k', path)
  },
  'write-file-atomic': (bytes) =>
    (writeFileAtomic as (file: string, data: Buffer) => Promise<void>)(path, bytes),
}

// 1,048,576 bytes hold the old file (49 pages) and at most 206 pages of a new one, less what the system keeps.
const sizes = Array.from({ length: 30 }, (_, index) => 700_000 + index * 8_192 + (index % 3) - 1)
for (let size = 1_000_000; sizes.length < 40; size += 250_000) sizes.push(size)

const outcomes: unknown[] = []
for (const [writer, write] of Object.entries(writers)) {
  for (const size of sizes) {
    await rm(path, { force: true })
    await writeFile(path, Buffer.alloc(oldSize, 1))
    const error: unknown = await write(Buffer.alloc(size, 2)).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const content = await readFile(path)
    const isOld = content.equals(Buffer.alloc(oldSize, 1))
    const isNew = content.equals(Buffer.alloc(size, 2))
    outcomes.push({
      writer,
      size,
      state: isOld ? 'old' : isNew ? 'new' : `${content.byteLength} bytes`,
      code: isStoreError(error) ? error.code : error instanceof Error ? error.message : 'done',
      message: error instanceof Error ? error.message : '',
      names: await readdir(folder),
    })
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true })
  }
}
process.stdout.write(JSON.stringify(outcomes))
