import { createMemoryStore } from '@prefect-ts/store/memory'
import type { Store } from '@prefect-ts/store'
import { describe, expect, it } from 'vitest'
import { inlineResult, storeResult } from '../src/result-storage.ts'
import type { Run } from '../src/run.ts'

const storage = { block: 'local-file-system/results', adapters: [] }

function runOver(store: Store, block: object = { id: 'block-id' }) {
  const run: object = {
    loadBlock: () => Promise.resolve(block),
    openStore: () => Promise.resolve(store),
  }
  return run as Pick<Run, 'loadBlock' | 'openStore'>
}

describe('a result in a block', () => {
  it('is handed on once it is there', async () => {
    const store = createMemoryStore()
    const data = await storeResult('{"rows":3}', storage, runOver(store))
    const key = (data as { storage_key: string }).storage_key
    expect(data).toMatchObject({ storage_block_id: 'block-id', serializer: { type: 'json' } })
    const text = await new Response((await store.get(key))?.body).text()
    expect(JSON.parse(text)).toMatchObject({ metadata: data, result: '{"rows":3}' })
  })

  it.each([
    ['nothing', undefined],
    ['another size', { size: 1 }],
  ])('is not handed on when a look at it finds %s', async (_, found) => {
    const store = createMemoryStore()
    const forgetful = { ...store, head: () => Promise.resolve(found) } as Store
    await expect(storeResult('1', storage, runOver(forgetful))).rejects.toMatchObject({
      code: 'RESULT_NOT_STORED',
      message: expect.stringContaining('local-file-system/results') as string,
    })
  })

  it('needs a block that Python can find', async () => {
    const stored = storeResult('1', storage, runOver(createMemoryStore(), {}))
    await expect(stored).rejects.toMatchObject({ code: 'UNKNOWN_DATASTORE' })
  })
})

describe('a result in the state', () => {
  it('holds 16 KiB of JSON and not a byte more', () => {
    const text = JSON.stringify('x'.repeat(16 * 1024 - 2))
    expect(inlineResult(text)).toBe(JSON.parse(text))
    const larger = JSON.stringify('x'.repeat(16 * 1024 - 1))
    expect(() => inlineResult(larger)).toThrow(/takes 16385 bytes .* 16384.*resultStorage/)
    // Bytes, not characters.
    expect(() => inlineResult(JSON.stringify('ü'.repeat(8 * 1024)))).toThrow(/takes 16386 bytes/)
  })

  it.each(['{"storage_key":"a"}', '{"type":"unpersisted"}'])(
    'is never what Python takes for the place of a result: %s',
    (text) => {
      expect(() => inlineResult(text)).toThrow(/Prefect would take for the place/)
    },
  )

  it.each(['{"type":"other"}', '["storage_key"]', 'null', '"storage_key"'])(
    'is any other value: %s',
    (text) => {
      expect(inlineResult(text)).toEqual(JSON.parse(text))
    },
  )
})
