// R16: any key comes back as it went. Run by the packages of the object stores, on their own servers.
import { isStoreError } from '../packages/store/src/index.ts'
import type { Store } from '../packages/store/src/index.ts'
import { expect, it } from 'vitest'
import { randomKeys } from './random-keys.ts'
import { corpus } from './special-keys.ts'
import { trials } from './trials.ts'

export interface StoreKeysOptions {
  openStore: () => Promise<Store>
  /** What keys the server itself can't keep or list. */
  isBeyondServer?: (key: string) => boolean
}

/** That an object is at each of many keys, special ones and random ones, what was put there, and is listed by it. */
export function testStoreKeys({ openStore, isBeyondServer = () => false }: StoreKeysOptions): void {
  it(`${corpus.length} special keys come back as they went, or are refused`, async () => {
    const store = await openStore()
    const keys = new Map<string, string>()
    const refused: string[] = []
    for (const key of corpus.filter((each) => !isBeyondServer(each))) {
      try {
        keys.set(store.locate(key), key)
      } catch (error) {
        if (!isStoreError(error, 'INVALID_KEY')) throw error
        refused.push(key)
      }
    }
    expect(keys.size).toBeGreaterThan(300)
    for (const key of refused) {
      await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'INVALID_KEY', key })
    }
    await comeBack(store, [...keys.values()])
  })

  const count = trials(200, 10_000)
  it(`${count} random keys come back as they went`, { timeout: 1_800_000 }, async () => {
    const store = await openStore()
    const keys = randomKeys(store, count, 23).filter((key) => !isBeyondServer(key))
    expect(keys.length).toBeGreaterThan(count * 0.9)
    // Azurite's garbage collection halts it for minutes when it holds them all.
    for (let start = 0; start < keys.length; start += 2_000) {
      await comeBack(store, keys.slice(start, start + 2_000))
    }
  })
}

async function comeBack(store: Store, keys: readonly string[]): Promise<void> {
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
}

async function atATime(keys: readonly string[], work: (key: string) => Promise<void>) {
  const rest = keys.values()
  const worker = async (): Promise<void> => {
    for (const key of rest) await work(key)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}
