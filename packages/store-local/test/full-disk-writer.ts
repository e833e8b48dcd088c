// Runs on a file system of 1 MiB: overwrites a good object with bodies around and beyond the free space.
import { readdir, rm } from 'node:fs/promises'
import { isStoreError } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'

const folder = process.argv[2] ?? ''
const store = createLocalStore({ basepath: folder })
const old = new Uint8Array(200_000).fill(1)
const outcomes: unknown[] = []

for (let size = 600_000; size <= 3_000_000; size += size < 1_000_000 ? 13_107 : 500_000) {
  await rm(`${folder}/k`, { force: true })
  await store.put('k', old)
  const error: unknown = await store.put('k', new Uint8Array(size).fill(2)).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const object = await store.get('k')
  const kinds = new Set<number>()
  let bytes = 0
  for await (const chunk of object?.body ?? []) {
    bytes += chunk.byteLength
    for (const byte of chunk) kinds.add(byte)
  }
  outcomes.push({
    size,
    bytes,
    kinds: [...kinds],
    code: isStoreError(error) ? error.code : String(error),
    names: await readdir(folder),
    message: error instanceof Error ? error.message : '',
  })
}
process.stdout.write(JSON.stringify(outcomes))
