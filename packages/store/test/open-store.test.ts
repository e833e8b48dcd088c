import { isStoreError, openStore, StoreError, storeErrorCodes } from '@prefect-ts/store'
import type { StoreAdapter } from '@prefect-ts/store'
import { createMemoryStore } from '@prefect-ts/store/memory'
import { describe, expect, it } from 'vitest'

interface MemoryBlock {
  readonly type: 'memory' | 'ram'
  readonly name?: string
  readonly data: { readonly size: number }
}

const adapter: StoreAdapter<MemoryBlock> = {
  types: ['ram', 'memory'],
  open: () => createMemoryStore(),
}

/** An adapter for one scheme of a type that several share; `opened` gets what it opens. */
function shared(scheme: string, opened: string[]): StoreAdapter {
  return {
    types: ['remote-file-system'],
    accepts: ({ data }) => 'basepath' in data && String(data.basepath).startsWith(scheme),
    open() {
      opened.push(scheme)
      return createMemoryStore()
    },
  }
}

describe('openStore', () => {
  it('picks the adapter by the type of the block', async () => {
    const store = await openStore({ type: 'ram', data: { size: 1 } }, { adapters: [adapter] })
    expect(store.url).toMatch(/^memory:/)
  })

  it('names the block and the types that the given adapters know', async () => {
    const block = { type: 's3-bucket', name: 'willowdata', data: { secret: 'hunter2' } }
    const error: unknown = await openStore(block, { adapters: [adapter] }).catch((e: unknown) => e)
    expect(isStoreError(error, 'INVALID_CONFIG')).toBe(true)
    expect(String(error)).toBe(
      'StoreError: Cannot open block "s3-bucket/willowdata" as a store: the given adapters know ' +
        'memory, ram. Name a block of such a type, or add the adapter for "s3-bucket" to the job.',
    )
    await expect(openStore(block, { adapters: [] })).rejects.toThrow(/know no block type/)
  })

  it('asks the adapters that share a type which of them accepts the block', async () => {
    const opened: string[] = []
    const adapters = [shared('s3://', opened), shared('gs://', opened)]
    const block = { type: 'remote-file-system', name: 'x', data: { basepath: 'gs://bucket' } }
    await openStore(block, { adapters })
    expect(opened).toEqual(['gs://'])
    const other = { ...block, data: { basepath: 'ftp://host' } }
    await expect(openStore(other, { adapters })).rejects.toThrow(/takes the scheme of its basepath/)
  })
})

describe('isStoreError', () => {
  it('knows errors of another copy of this package by their shape', () => {
    const other = Object.assign(new Error('x'), { name: 'StoreError', code: 'NOT_FOUND' })
    expect(isStoreError(other)).toBe(true)
    expect(isStoreError(other, 'NOT_FOUND', 'STALLED')).toBe(true)
    expect(isStoreError(other, 'STALLED')).toBe(false)
  })

  it.each([
    undefined,
    null,
    'StoreError',
    { name: 'StoreError', code: 'NOT_FOUND' },
    new Error('x'),
  ])('is false for %o', (value) => {
    expect(isStoreError(value)).toBe(false)
  })

  it('finds UNAVAILABLE and STALLED worth a retry', () => {
    const retryable = storeErrorCodes.filter((code) => new StoreError('x', { code }).retryable)
    expect(retryable).toEqual(['STALLED', 'UNAVAILABLE'])
  })
})
