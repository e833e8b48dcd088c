import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import {
  createClient,
  isApiError,
  type ApiError,
  type Client,
  type Schemas,
} from '../../src/index.ts'

export const client: Client = createClient({ apiUrl: inject('prefectApiUrl') })

/** A name that no other test has. */
export const unique = (): string => `fn-${crypto.randomUUID().slice(0, 8)}`

/** The ApiError of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (answer) => new Error(`It answered ${JSON.stringify(answer)}`),
    (reason: unknown) => reason,
  )
  if (!isApiError(error)) throw error
  return error
}

/** Calls `look` until it gives something. */
export async function until<Result>(
  look: () => Promise<Result | undefined>,
  timeoutMs = 15_000,
): Promise<Result> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    const result = await look()
    if (result !== undefined) return result
  }
  throw new Error(`Nothing after ${timeoutMs} ms`)
}

/** A flow run of a new flow. With a key, so that a busy SQLite's 503 is no end of the test. */
export async function createRun(type: Schemas['StateType'] = 'PENDING'): Promise<string> {
  const flow = await client.post('/flows/', { body: { name: unique() } })
  const run = await client.post('/flow_runs/', {
    body: { flow_id: flow.id, state: { type }, idempotency_key: unique() },
  })
  return run.id
}

/** Everything that an iterator gives. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The client with another `post`: to watch, break or delay calls. */
export function withPost(
  post: (path: string, call: () => Promise<unknown>) => Promise<unknown>,
): Client {
  const changed = (path: string, options: unknown): Promise<unknown> =>
    post(path, () => client.post(path as '/flows/', options as never))
  return { ...client, post: changed as Client['post'] }
}
