import { afterEach, expect, test, vi } from 'vitest'
import { createClient, isApiError, withConcurrencySlot, type ApiError } from '../../src/index.ts'
import { startFaultServer } from '../fault-server.ts'
import { client, failureOf, unique, withPost } from './support.ts'

afterEach(() => {
  vi.useRealTimers()
})

async function createLimit(limit = 1): Promise<string> {
  const name = unique()
  await client.post('/v2/concurrency_limits/', { body: { name, limit } })
  return name
}

const activeSlots = async (name: string): Promise<number> =>
  (await client.get('/v2/concurrency_limits/{id_or_name}', { path: { id_or_name: name } }))
    .active_slots

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

test(
  'three on a limit of one: all get their turn, never two at once',
  { timeout: 120_000 },
  async () => {
    const name = await createLimit()
    let inside = 0
    let most = 0
    const results = await Promise.all(
      [1, 2, 3].map((contender) =>
        withConcurrencySlot(client, name, {}, async () => {
          inside += 1
          most = Math.max(most, inside)
          await sleep(300)
          inside -= 1
          return contender
        }),
      ),
    )
    expect(results).toEqual([1, 2, 3])
    expect(most).toBe(1)
    expect(await activeSlots(name)).toBe(0)
  },
)

test('several slots of several limits; given back when the work fails', async () => {
  const names = [await createLimit(3), await createLimit(2)]
  const failing = withConcurrencySlot(client, names, { slots: 2 }, async () => {
    expect(await Promise.all(names.map(activeSlots))).toEqual([2, 2])
    throw new TypeError('the work failed')
  })
  await expect(failing).rejects.toThrow('the work failed')
  expect(await Promise.all(names.map(activeSlots))).toEqual([0, 0])
})

test('what cannot be acquired: no free slot in time, too many, a limit that does not exist', async () => {
  const name = await createLimit()
  await withConcurrencySlot(client, name, {}, async () => {
    const late = await failureOf(withConcurrencySlot(client, name, { timeoutMs: 400 }, never))
    expect(late).toMatchObject({
      code: 'TIMEOUT',
      message: `No free slot of "${name}" within 400 ms`,
    })
  })
  const many = await failureOf(withConcurrencySlot(client, name, { slots: 2 }, never))
  expect(many).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  const missing = unique()
  const unknown = await failureOf(withConcurrencySlot(client, [name, missing], {}, never))
  expect(unknown.code).toBe('NOT_FOUND')
  expect(unknown.message).toContain(`No concurrency limit "${missing}" on `)
  expect(await activeSlots(name)).toBe(0)
  expect(await withConcurrencySlot(client, missing, { strict: false }, () => 'ran')).toBe('ran')
})

test('an abort while waiting, while the slot is being granted, and while the work runs', async () => {
  const name = await createLimit()
  const reason = new Error('enough')
  await withConcurrencySlot(client, name, {}, async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(reason), 200)
    await expect(withConcurrencySlot(client, name, { signal: stop.signal }, never)).rejects.toBe(
      reason,
    )
  })

  const granted = new AbortController()
  const aborting = withPost(async (path, call) => {
    const answer = await call()
    if (path.endsWith('increment-with-lease')) granted.abort(reason)
    return answer
  })
  await expect(withConcurrencySlot(aborting, name, { signal: granted.signal }, never)).rejects.toBe(
    reason,
  )
  expect(await activeSlots(name)).toBe(0)

  const within = new AbortController()
  const working = withConcurrencySlot(client, name, { signal: within.signal }, async (signal) => {
    within.abort(reason)
    signal.throwIfAborted()
  })
  await expect(working).rejects.toBe(reason)
  expect(await activeSlots(name)).toBe(0)
})

test('a server that stalls while it grants a slot: an abort is prompt, and a late slot is given back', async () => {
  const name = await createLimit()
  const held = Promise.withResolvers<void>()
  let released = false
  const stalling = withPost(async (path, call) => {
    const answer = await call()
    if (path.endsWith('increment-with-lease')) await held.promise
    if (path.endsWith('decrement-with-lease')) released = true
    return answer
  })
  const reason = new Error('enough')
  const stop = new AbortController()
  const waiting = withConcurrencySlot(stalling, name, { signal: stop.signal }, never)
  await expect.poll(() => activeSlots(name), { timeout: 10_000 }).toBe(1)
  stop.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  held.resolve()
  await expect.poll(() => released, { timeout: 10_000 }).toBe(true)
  expect(await activeSlots(name)).toBe(0)
})

test('a server that stalls ends with timeoutMs, not with the request', async () => {
  await using server = await startFaultServer(() => {})
  const own = createClient({ apiUrl: server.apiUrl, env: {} })
  const error = await failureOf(withConcurrencySlot(own, 'x', { timeoutMs: 200 }, never))
  expect(error.code).toBe('OUTCOME_UNKNOWN')
})

const never = (): never => {
  throw new Error('must not run')
}

/** A client whose lease id is known, and whose calls are. */
function watched(): { lease: string; renewals: number; client: typeof client } {
  const seen = {
    lease: '',
    renewals: 0,
    client: withPost(async (path, call) => {
      const answer = await call()
      if (path.endsWith('/renew')) seen.renewals += 1
      if (path.endsWith('increment-with-lease'))
        seen.lease = (answer as { lease_id: string }).lease_id
      return answer
    }),
  }
  return seen
}

/** Fake timers that go on, so many times as fast as time itself, until `stop`: a busy server's 503 is waited out. */
function fakeTimers(speed: number, ...more: 'performance'[]): { stop: () => void } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', ...more] })
  const clock = setInterval(() => void vi.advanceTimersByTimeAsync(10 * speed), 10)
  return { stop: () => clearInterval(clock) }
}

test('the lease is renewed at three quarters of its time', async () => {
  const name = await createLimit()
  const seen = watched()
  const clock = fakeTimers(1)
  await withConcurrencySlot(seen.client, name, { leaseSeconds: 60 }, async (signal) => {
    clock.stop()
    await vi.advanceTimersByTimeAsync(44_000)
    expect(seen.renewals).toBe(0)
    await vi.advanceTimersByTimeAsync(1001)
    await vi.waitFor(() => expect(seen.renewals).toBe(1), { timeout: 10_000, interval: 20 })
    expect(signal.aborted).toBe(false)
    vi.useRealTimers()
  })
  expect(await activeSlots(name)).toBe(0)
})

test('a lease that is deleted on the server: the work is told, and others get the slot', async () => {
  const name = await createLimit()
  const seen = watched()
  const clock = fakeTimers(10)
  const working = withConcurrencySlot(seen.client, name, { leaseSeconds: 60 }, async (signal) => {
    const body = { lease_id: seen.lease }
    await client.post('/v2/concurrency_limits/decrement-with-lease', { body })
    expect(await activeSlots(name)).toBe(0)
    const told = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
    return told
  })
  const error: unknown = await working.catch((reason: unknown) => reason)
  clock.stop()
  expect(isApiError(error, 'CONFLICT')).toBe(true)
  // 404 before Prefect 3.4.13 or so.
  expect([404, 410]).toContain((error as ApiError).status)
  expect((error as Error).message).toContain(`The slot of "${name}" is lost`)
})

test('a server that does not answer renewals: the lease is lost when its time is over', async () => {
  const name = await createLimit()
  let tries = 0
  let sentAt = 0
  const deaf = withPost((path, call) => {
    if (path.endsWith('increment-with-lease')) sentAt = performance.now()
    if (!path.endsWith('/renew')) return call()
    tries += 1
    return Promise.reject(new Error('no connection'))
  })
  const clock = fakeTimers(1, 'performance')
  const working = withConcurrencySlot(deaf, name, { leaseSeconds: 60 }, async (signal) => {
    clock.stop()
    await vi.advanceTimersByTimeAsync(sentAt + 59_000 - performance.now())
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    signal.throwIfAborted()
  })
  await expect(working).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(tries).toBeGreaterThan(5)
  expect(await activeSlots(name)).toBe(0)
})
