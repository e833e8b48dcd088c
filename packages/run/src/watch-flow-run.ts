import type { Client } from '@prefect-ts/api'
import { loadApi } from './api.ts'

const maxIntervalMs = 30_000

/**
 * Looks at a flow run's state, now and every `intervalMs`, and calls `onStop` once with its name when it is being cancelled, was
 * cancelled, or counts as crashed: nobody signals a job of a flow that runs in-process, or on another machine. One
 * GET of about 2 KB each time; less often while the server does not answer. Returns a function that stops watching.
 */
export function watchFlowRun(
  client: () => Client,
  flowRunId: string,
  intervalMs: number,
  onStop: (stateName: string) => void,
): () => void {
  let stopped = false
  let wait = intervalMs
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    stopped = true
    clearTimeout(timer)
  }
  async function look(): Promise<void> {
    try {
      await loadApi()
      const path = { id: flowRunId }
      const { state } = await client().get('/flow_runs/{id}', { path, timeoutMs: 10_000 })
      wait = intervalMs
      if (!stopped && state && isStopped(state.type)) {
        stop()
        onStop(state.name ?? state.type)
      }
    } catch {
      wait = Math.min(wait * 2, maxIntervalMs)
    }
    if (!stopped) schedule()
  }
  function schedule(): void {
    timer = setTimeout(() => void look(), wait).unref()
  }
  void look()
  return stop
}

/** Whether a job of a flow run in such a state has nobody left to work for. */
export function isStopped(stateType: string): boolean {
  return stateType === 'CANCELLING' || stateType === 'CANCELLED' || stateType === 'CRASHED'
}
