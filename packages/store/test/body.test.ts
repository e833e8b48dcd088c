import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { PutOptions, StoreBody } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { expect, it } from 'vitest'
import { failureOf } from './faulty-driver.ts'

async function spent<T extends ReadableStream | Readable>(stream: T): Promise<T> {
  await text(stream as ReadableStream)
  return stream
}

function locked(): ReadableStream {
  const stream = new Response('content').body ?? new ReadableStream()
  stream.getReader()
  return stream
}

it.each<[string, () => StoreBody | Promise<StoreBody>]>([
  ['a web stream that was read to its end', () => spent(new Blob(['content']).stream())],
  ['a web stream that another reads', locked],
  ['a Node stream that was read to its end', () => spent(Readable.from(['content']))],
])('refuses %s, which would be written as nothing', async (_, make) => {
  const store = createMemoryStore()
  const failure = await failureOf(Promise.resolve(store.put('k', await make())))
  expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(await store.head('k')).toBeUndefined()
})

it('writes a stream that has nothing in it', async () => {
  const store = createMemoryStore()
  const empty = new ReadableStream({ start: (controller) => controller.close() })
  expect(await store.put('k', empty)).toMatchObject({ size: 0 })
})

it('refuses a content type that no header can hold, and a range that is none', async () => {
  const store = createMemoryStore()
  const options: PutOptions = { contentType: 'text/csv\r\nx-other: 1' }
  expect(await failureOf(store.put('k', 'x', options))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  const range = null as unknown as { offset: number }
  expect(await failureOf(store.get('k', { range }))).toMatchObject({ code: 'INVALID_ARGUMENT' })
})
