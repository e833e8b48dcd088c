import assert from 'node:assert/strict'
import { isStoreError } from '../errors.ts'
import type { StoreErrorCode } from '../errors.ts'
import type { Entry, ListOptions, Store } from '../store.ts'

/** One promise of the contract and how to see that a store, fresh and empty, keeps it. */
export interface Case {
  readonly name: string
  readonly run: (store: Store) => Promise<void>
}

/** Bytes that differ from place to place, so that a lost, doubled or moved chunk shows. */
export function sampleBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let state = seed * 2_654_435_761
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** The whole content of an object, which must exist. */
export async function read(store: Store, key: string): Promise<Buffer> {
  const object = await store.get(key)
  assert.ok(object !== undefined, `${JSON.stringify(key)} exists`)
  return await drain(object.body)
}

/** Everything a stream holds. */
export async function drain(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A whole listing. */
export async function listAll(store: Store, options?: ListOptions): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of store.list(options)) entries.push(entry)
  return entries
}

/** The keys of a listing. */
export async function listKeys(store: Store, prefix = ''): Promise<string[]> {
  return (await listAll(store, { prefix })).map(({ key }) => key)
}

/** Asserts that the work rejects with a `StoreError` of this code and key, and with a message that names the key. */
export async function rejects(
  work: Promise<unknown>,
  code: StoreErrorCode,
  key?: string,
): Promise<void> {
  const error = await work.then(
    () => assert.fail(`resolved instead of rejecting with ${code}`),
    (reason: unknown) => reason,
  )
  if (error instanceof assert.AssertionError) throw error
  assert.ok(isStoreError(error), `rejects with a StoreError, not with ${String(error)}`)
  assert.equal(error.code, code, error.message)
  assert.ok(error.message.length > 0 && !error.message.includes('\n'), 'message is one line')
  if (key !== undefined) assert.equal(error.key, key)
}

/** Asserts that the work rejects with this very value. */
export async function rejectsWith(work: Promise<unknown>, reason: unknown): Promise<void> {
  const outcome = await work.then(
    () => ({ resolved: true, error: undefined }),
    (error: unknown) => ({ resolved: false, error }),
  )
  assert.equal(outcome.resolved, false, 'it rejects')
  assert.equal(outcome.error, reason)
}

/** Runs `count` jobs, at most `limit` at a time. */
export async function pooled(
  count: number,
  limit: number,
  job: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await job(next++)
  }
  await Promise.all(Array.from({ length: limit }, worker))
}
