import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { createLocalStore } from '@prefect-ts/store-local'
import { afterAll } from 'vitest'

const folders: string[] = []

/** Makes a folder that is removed after the test file. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prefect-ts-dataset-'))
  folders.push(folder)
  return folder
}

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

/** Fresh stores of each kind that these tests run on. */
export const stores: { kind: string; open: () => Promise<Store> }[] = [
  { kind: 'memory', open: async () => createMemoryStore() },
  { kind: 'local', open: async () => createLocalStore({ basepath: await makeFolder() }) },
]

/** The text of an object, or `undefined` where there is none. */
export async function textOf(store: Store, key: string): Promise<string | undefined> {
  const found = await store.get(key)
  return found && (await new Response(found.body).text())
}

/** Every object of a store, by key, but for the guard's notes. */
export async function contentsOf(store: Store): Promise<Record<string, string | undefined>> {
  const contents: Record<string, string | undefined> = {}
  for await (const { key } of store.list()) {
    if (!key.endsWith('/_latest.json')) contents[key] = await textOf(store, key)
  }
  return contents
}

/** All of an async iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
