import { callError, type Call } from './call.ts'

/** The limit of one whole call: its time and its caller's signal, in one. */
export interface Limit {
  /** Aborted when the time is over, with an `ApiError` `TIMEOUT`, or by the caller, with the caller's reason. */
  readonly signal: AbortSignal
  /** Milliseconds that are left. */
  leftMs(): number
  /** Ends the timer. */
  end(): void
}

/** Starts the time of a call. */
export function startLimit(call: Call, timeoutMs: number, signal: AbortSignal | undefined): Limit {
  signal?.throwIfAborted()
  if (!(timeoutMs > 0)) {
    throw callError(call, 'INVALID_REQUEST', 'timeoutMs must be a number above 0')
  }
  // A longer timer would overflow and fire at once.
  const duration = Math.min(timeoutMs, 2 ** 31 - 1)
  const ended = new AbortController()
  const deadline = performance.now() + duration
  const stop = (): void => ended.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(() => {
    const problem = `no complete answer within ${duration} ms. Raise timeoutMs or PREFECT_API_REQUEST_TIMEOUT if the server needs longer`
    ended.abort(callError(call, 'TIMEOUT', problem))
  }, duration)
  return {
    signal: ended.signal,
    leftMs: () => deadline - performance.now(),
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    },
  }
}

/** Resolves after a time, and rejects with the signal's reason when that comes first. */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}
