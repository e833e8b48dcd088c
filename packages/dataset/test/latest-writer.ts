// One of several writers of `latest`: <folder> <writer> <writers> <updates>. Prints what each write reported. With
// "lock" as fifth argument it counts in a file under the lock instead. With "die:<n>" it kills itself at the nth step.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { writeDataset } from '../src/index.ts'
import { acquireLatestLock } from '../src/latest-lock.ts'
import { contentOf, datasetOf, dayAt, dayOf } from './latest-days.ts'

const [folder = '', writer = '0', writers = '1', updates = '1', mode = ''] = process.argv.slice(2)
const store = createLocalStore({ basepath: folder })

if (mode === 'lock') await countUnderLock()
else if (mode.startsWith('die:')) await dieAtStep(Number(mode.slice(4)))
else await writeDays()

async function writeDays(): Promise<void> {
  const outcomes: [string, string][] = []
  for (let update = 0; update < Number(updates); update++) {
    const day = dayAt(update, Number(writer), Number(writers))
    const { latest } = await writeDataset(store, datasetOf(day), contentOf(day))
    outcomes.push([day, latest])
  }
  console.log(JSON.stringify(outcomes))
}

async function countUnderLock(): Promise<void> {
  const counter = join(folder, 'counter')
  for (let update = 0; update < Number(updates); update++) {
    const lock = await acquireLatestLock(folder, { signal: undefined })
    const count = Number(readFileSync(counter, 'utf8'))
    await new Promise((resolve) => setImmediate(resolve))
    writeFileSync(counter, String(count + 1))
    // Dies with the lock held: the next one has to take it over.
    if (Number(writer) % 2 === 1 && update === Number(updates) - 1) process.kill(process.pid, 9)
    await lock?.release()
  }
}

/** Counts every call on the store and every chunk, and dies at the one asked for, without any cleaning up. */
async function dieAtStep(last: number): Promise<void> {
  let steps = 0
  const step = (): void => {
    if (++steps === last) process.kill(process.pid, 'SIGKILL')
  }
  async function* counted(body: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      step()
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    }
    step()
  }
  const watched: Store = {
    ...store,
    url: store.url,
    async head(key, options) {
      step()
      return await store.head(key, options)
    },
    async get(key, options) {
      step()
      return await store.get(key, options)
    },
    async put(key, body, options) {
      step()
      const parts = typeof body === 'string' ? [body] : (body as AsyncIterable<string>)
      const result = await store.put(key, counted(toAsync(parts)), options)
      step()
      return result
    },
  }
  const day = dayOf(Number(writer))
  async function* stream(): AsyncGenerator<Uint8Array> {
    const content = Buffer.from(contentOf(day))
    for (let start = 0; start < content.byteLength; start += 50_000) {
      yield content.subarray(start, start + 50_000)
    }
  }
  await writeDataset(watched, datasetOf(day), stream())
  console.log('survived', steps)
}

async function* toAsync(parts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* parts
}
