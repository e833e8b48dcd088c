// R16: any key comes back as it went. Run by the packages of the object stores, on their own servers.
import type { Store } from '../packages/store/src/index.ts'
import { expect, it } from 'vitest'
import { randomKeys } from './random-keys.ts'
import { trials } from './trials.ts'

/** That an object is at each of many random keys what was put there, and is listed by it. */
export function testStoreKeys(openStore: () => Promise<Store>): void {
  const count = trials(200, 10_000)

  it(`${count} random keys come back as they went`, { timeout: 1_800_000 }, async () => {
    const store = await openStore()
    const keys = randomKeys(store, count, 23)
    expect(keys.length).toBeGreaterThan(count * 0.9)
    await atATime(keys, async (key) => void (await store.put(key, `at ${key}`)))
    const wrong: string[] = []
    await atATime(keys, async (key) => {
      const text = await new Response((await store.get(key))?.body).text()
      if (text !== `at ${key}`) wrong.push(key)
    })
    expect(wrong).toEqual([])
    const listed = new Set<string>()
    for await (const { key } of store.list()) listed.add(store.locate(key))
    expect(keys.filter((key) => !listed.has(store.locate(key)))).toEqual([])
    expect(listed.size).toBe(keys.length)
    await store.delete(keys)
    expect(await store.head(keys[0] ?? '')).toBeUndefined()
  })
}

async function atATime(keys: readonly string[], work: (key: string) => Promise<void>) {
  const rest = keys.values()
  const worker = async (): Promise<void> => {
    for (const key of rest) await work(key)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}
