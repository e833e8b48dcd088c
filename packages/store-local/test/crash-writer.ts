// Overwrites one key again and again until it is killed, or ends itself after so many pieces. Its content says what it is: a byte, repeated.
import { createLocalStore } from '@prefect-ts/store-local'

const store = createLocalStore({ basepath: process.argv[2] })
const sizes = [10_240, 3_000_000, 1, 8_000_000]

const exitAfter = Number(process.argv[3] ?? Infinity)
let count = 0

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 300_000) {
    if (++count > exitAfter) process.exit(5)
    yield bytes.subarray(start, start + 300_000)
  }
}

process.stdout.write('ready\n')
for (let round = 0; ; round++) {
  const size = sizes[round % sizes.length] ?? 0
  await store.put('folder/k', pieces(new Uint8Array(size).fill(size % 251)))
}
