import type { DriverCall } from './driver.ts'
import { StoreError, toStoreError } from './errors.ts'

/** One operation's abort and stall watch. `close` it when the operation is over. */
export interface Guard {
  /** What the driver gets: one signal for the caller's abort and for a stall. */
  readonly call: DriverCall
  /**
   * Awaits the backend. When the signal aborts it rejects with the reason: at once, or with `graceMs` as soon as
   * the backend has cleaned up, but no later than that.
   */
  wait<T>(work: Promise<T>, graceMs?: number): Promise<T>
  /** Awaits the caller's side: no stall limit, rejects at once when the signal aborts. */
  waitForCaller<T>(work: Promise<T>): Promise<T>
  /** The error to throw for one caught during the operation: the abort's reason, else a `StoreError`. */
  explain(error: unknown): unknown
  /** Stops the watch and lets go of the caller's signal. */
  close(): void
}

/** Starts the watch. `describe` says what is being done, for messages. Throws the signal's reason when it is aborted already. */
export function createGuard(
  describe: () => string,
  key: string | undefined,
  signal: AbortSignal | undefined,
  stallTimeoutMs: number,
): Guard {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const aborted = controller.signal
  let timer: NodeJS.Timeout | undefined
  let waiting = 0
  let forCaller = 0
  let activity = 0

  const forward = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', forward, { once: true })

  const watching = (): boolean => waiting > 0 && forCaller === 0 && !aborted.aborted
  const disarm = (): void => clearTimeout(timer)
  const arm = (): void => {
    disarm()
    if (watching()) timer = setTimeout(suspect, stallTimeoutMs)
  }
  // A blocked event loop runs late timers before it looks at the sockets: let it look once before judging.
  const suspect = (): void => {
    const seen = activity
    setImmediate(() => {
      if (!watching()) return
      if (activity !== seen) return arm()
      const message = `${describe()}: the store did nothing for ${stallTimeoutMs} ms`
      controller.abort(new StoreError(message, { code: 'STALLED', key }))
    })
  }

  return {
    call: {
      signal: aborted,
      touch() {
        activity++
        arm()
      },
    },
    async wait(work, graceMs = 0) {
      waiting++
      arm()
      try {
        return await unlessAborted(work, aborted, graceMs)
      } finally {
        waiting--
        activity++
        arm()
      }
    },
    async waitForCaller(work) {
      forCaller++
      disarm()
      try {
        return await unlessAborted(work, aborted, 0)
      } finally {
        forCaller--
        activity++
        arm()
      }
    },
    explain(error) {
      return aborted.aborted ? aborted.reason : toStoreError(error, describe(), key)
    },
    close() {
      disarm()
      signal?.removeEventListener('abort', forward)
    },
  }
}

/** Settles as `work` does, or rejects with the signal's reason `graceMs` after the abort, whichever is first. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let grace: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      if (graceMs === 0) reject(signal.reason)
      else grace = setTimeout(() => reject(signal.reason), graceMs)
    }
    const settle = (): void => {
      clearTimeout(grace)
      signal.removeEventListener('abort', onAbort)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.finally(settle).then(resolve, reject)
  })
}
