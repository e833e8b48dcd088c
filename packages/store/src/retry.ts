import { setTimeout as sleep } from 'node:timers/promises'

/** Waits before a further attempt: 100 ms, doubled each time up to 5 s, half of it at random. */
export async function backOff(attempt: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(5_000, 100 * 2 ** (attempt - 1))
  try {
    await sleep(longest / 2 + (Math.random() * longest) / 2, undefined, { signal })
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error
  }
}
