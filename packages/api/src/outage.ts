import { isApiError } from './errors.ts'
import { pause } from './pause.ts'

const longestMs = 5 * 60_000
const pauseMs = 2000

/**
 * Reads, again and again while the server is away, up to 5 minutes: whoever waits for a run for hours is
 * not to fail because the server was restarted meanwhile. Any other failure is one at once; so is this one
 * when `deadline`, on the process' clock, is over.
 */
export async function readThroughOutage<Result>(
  read: () => Promise<Result>,
  { signal, deadline = Infinity }: { signal?: AbortSignal | undefined; deadline?: number },
): Promise<Result> {
  const end = Math.min(performance.now() + longestMs, deadline)
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const isAway = isApiError(error) && error.retryable
      if (!isAway || performance.now() + pauseMs >= end) throw error
      await pause(pauseMs, signal)
    }
  }
}
