import type { Client } from './client.ts'
import { ApiError, isApiError } from './errors.ts'
import { pause } from './pause.ts'

// Python's share, too.
const renewAfter = 0.75
const renewRetryMs = 1000
const releaseAttempts = 3
const maxUnavailable = 5
// How long an answer may come after the end of the waiting: after an abort, and after its deadline.
const abortGraceMs = 1000
const deadlineGraceMs = 5000

/** Options of `withConcurrencySlot`. */
export interface WithConcurrencySlotOptions {
  /** Slots to take of each limit. @default 1 */
  slots?: number | undefined
  /** After so many seconds without a sign of life from here the server gives the slots to others; 60 to 86,400. Renewed while the work runs. @default 300 */
  leaseSeconds?: number | undefined
  /** Rejects with code `TIMEOUT` when no slot is free for so many milliseconds. @default waits */
  timeoutMs?: number | undefined
  /** Whether an unknown limit is an error; else the work runs without it, as in Python. @default true */
  strict?: boolean | undefined
  /** Which run holds the slots, for Prefect's pages. */
  holder?: { type: 'flow_run' | 'task_run' | 'deployment'; id: string } | undefined
  /** Ends the waiting for a slot and the work's signal. The call rejects with the signal's reason, unless the work still succeeds. */
  signal?: AbortSignal | undefined
}

interface Lease {
  id: string
  /** When the server gives the slots to others, on this process' clock. */
  endsAt: number
}

/**
 * Runs the work while it holds slots of global concurrency limits, and gives them back however it ends.
 * The work's signal is aborted by the caller's, and with an `ApiError` of code `CONFLICT` when the lease is
 * lost: others may hold the slots then. Rejects with `ApiError`: `NOT_FOUND` for an unknown limit,
 * `INVALID_REQUEST` for more slots than the limit has, `TIMEOUT`; or with what the work rejects with.
 */
export async function withConcurrencySlot<Result>(
  client: Client,
  names: string | readonly string[],
  options: WithConcurrencySlotOptions,
  work: (signal: AbortSignal) => Promise<Result> | Result,
): Promise<Result> {
  const { leaseSeconds = 300, signal } = options
  const list = typeof names === 'string' ? [names] : [...names]
  const lease = await acquire(client, list, leaseSeconds, options)
  const stopped = new AbortController()
  const forward = (): void => stopped.abort(signal?.reason)
  signal?.addEventListener('abort', forward, { once: true })
  const done = new AbortController()
  const renewal = renew(client, lease, leaseSeconds, done.signal).catch((error: unknown) => {
    if (done.signal.aborted) return
    const reason = `its lease ended, or was deleted on the server`
    stopped.abort(
      new ApiError(`The slot of ${quote(list)} is lost: ${reason}. Others may hold it now`, {
        code: 'CONFLICT',
        status: isApiError(error) ? error.status : undefined,
        cause: error,
      }),
    )
  })
  try {
    if (signal?.aborted) forward()
    stopped.signal.throwIfAborted()
    return await work(stopped.signal)
  } finally {
    signal?.removeEventListener('abort', forward)
    done.abort()
    await renewal
    await release(client, lease.id)
  }
}

async function acquire(
  client: Client,
  names: string[],
  leaseSeconds: number,
  options: WithConcurrencySlotOptions,
): Promise<Lease> {
  const { slots = 1, timeoutMs, strict = true, holder, signal } = options
  const deadline = timeoutMs === undefined ? Infinity : performance.now() + timeoutMs
  let unavailable = 0
  for (;;) {
    signal?.throwIfAborted()
    const sentAt = performance.now()
    try {
      const leftMs = Math.max(deadline - sentAt, 0) + deadlineGraceMs
      // Without the signal: a slot granted to a request that was given up would be held by nobody.
      const granting = client.post('/v2/concurrency_limits/increment-with-lease', {
        body: { names, slots, mode: 'concurrency', lease_duration: leaseSeconds, holder },
        timeoutMs: Math.min(leftMs, client.settings.requestTimeoutMs),
      })
      const { lease_id: id, limits } = await unlessAborted(granting, signal, (late) => {
        void release(client, late.lease_id)
      })
      const missing = names.filter((name) => limits.every((limit) => limit.name !== name))
      if (strict && missing.length > 0) {
        await release(client, id)
        throw new ApiError(
          `No concurrency limit ${quote(missing)} on ${client.apiUrl}: create it, or pass strict: false to run without`,
          { code: 'NOT_FOUND' },
        )
      }
      return { id, endsAt: sentAt + leaseSeconds * 1000 }
    } catch (error) {
      if (!isApiError(error)) throw error
      if (error.status === 405) {
        const problem = `The server at ${client.apiUrl} has no leases on concurrency slots: it needs a newer Prefect (3.4.25 has them)`
        throw new ApiError(problem, { code: 'INVALID_REQUEST', status: 405, cause: error })
      }
      // SQLite's answer to several contenders at once. Had it granted a slot all the same, the lease would end it.
      unavailable = error.status === 503 ? unavailable + 1 : 0
      if (error.status !== 423 && (unavailable === 0 || unavailable > maxUnavailable)) throw error
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) {
        throw new ApiError(`No free slot of ${quote(names)} within ${timeoutMs} ms`, {
          code: 'TIMEOUT',
          status: 423,
        })
      }
      const waitMs = error.retryAfterMs ?? 500 + Math.random() * 500
      await pause(Math.min(waitMs, leftMs), signal)
    }
  }
}

/** The answer, which after an abort has a second to come; to one that comes later still `undo` is done. */
async function unlessAborted<Answer>(
  call: Promise<Answer>,
  signal: AbortSignal | undefined,
  undo: (late: Answer) => void,
): Promise<Answer> {
  if (signal === undefined) return call
  const ended = new AbortController()
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true, signal: ended.signal })
  })
  const given = aborted.then(() => pause(abortGraceMs, ended.signal)).then(() => signal)
  given.catch(() => {})
  try {
    const first = await Promise.race([call, given])
    if (first !== signal) return first as Answer
    call.then(undo, () => {})
    throw signal.reason
  } finally {
    ended.abort()
  }
}

/** Renews until the work is done; rejects when the lease is lost. */
async function renew(
  client: Client,
  lease: Lease,
  leaseSeconds: number,
  done: AbortSignal,
): Promise<void> {
  let pauseMs = leaseSeconds * 1000 * renewAfter
  for (;;) {
    await pause(pauseMs, done)
    const sentAt = performance.now()
    try {
      await client.post('/v2/concurrency_limits/leases/{lease_id}/renew', {
        path: { lease_id: lease.id },
        body: { lease_duration: leaseSeconds },
        signal: done,
        timeoutMs: Math.max(lease.endsAt - sentAt, 1),
      })
      lease.endsAt = sentAt + leaseSeconds * 1000
      pauseMs = leaseSeconds * 1000 * renewAfter
    } catch (error) {
      const isGone = isApiError(error) && (error.status === 410 || error.status === 404)
      if (isGone || performance.now() >= lease.endsAt) throw error
      pauseMs = Math.min(renewRetryMs, lease.endsAt - performance.now())
    }
  }
}

/** Failing that, the server frees the slots when the lease ends: no reason to lose the work's result. */
async function release(client: Client, leaseId: string): Promise<void> {
  for (let attempt = 1; attempt <= releaseAttempts; attempt++) {
    try {
      await client.post('/v2/concurrency_limits/decrement-with-lease', {
        body: { lease_id: leaseId },
      })
      return
    } catch {
      if (attempt < releaseAttempts) await pause(200 * attempt)
    }
  }
}

function quote(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
