import type { Store } from '../packages/store/src/index.ts'

/** Sizes that a crash writer writes in turn: alone, in one request, in parts. All bytes of a content say its size. */
export const crashSizes: readonly number[] = [1, 3_000_000, 20_000_000, 9_000_000]

/** What a crash writer does until it is killed, or its signal aborts. */
export async function writeUntilKilled(store: Store, signal?: AbortSignal): Promise<never> {
  for (let round = 0; ; round++) {
    process.stdout.write('.')
    const size = crashSizes[round % crashSizes.length] ?? 0
    await store.put('folder/k', pieces(new Uint8Array(size).fill(size % 251)), { signal })
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += 300_000) {
    yield bytes.subarray(start, start + 300_000)
  }
}
