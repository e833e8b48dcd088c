// Writes the keys that others write too until stdin ends, or reads them; prints what it did.
import { createLocalStore } from '@prefect-ts/store-local'
import { contentOf, isWhole, keys } from './concurrent-content.ts'

const [role, folder, seed, count] = process.argv.slice(2)
const store = createLocalStore({ basepath: folder })
const keyOf = (number: number): string => keys[number % keys.length] ?? ''

async function write(): Promise<object> {
  const end = new AbortController()
  const { signal } = end
  process.stdin.resume().on('end', () => end.abort())
  let writes = 0
  for (; !signal.aborted || writes < Number(count); writes++) {
    const number = Number(seed) * 31 + writes
    await store.put(keyOf(number), contentOf(number))
  }
  return { writes }
}

async function read(): Promise<object> {
  let reads = 0
  let torn = 0
  const seen = new Set<string>()
  const readers = Array.from({ length: 4 }, async () => {
    // Where the disk is slow, the writers need longer than so many reads.
    while (reads < Number(count) || seen.size < 60) {
      const key = keyOf(reads++)
      const object = await store.get(key)
      const bytes = Buffer.from(await new Response(object?.body).arrayBuffer())
      if (object?.size !== bytes.byteLength || !isWhole(bytes)) torn++
      seen.add(`${key} ${bytes.byteLength}`)
    }
  })
  await Promise.all(readers)
  return { reads, torn, seen: seen.size }
}

process.stdout.write(JSON.stringify(await (role === 'write' ? write() : read())))
