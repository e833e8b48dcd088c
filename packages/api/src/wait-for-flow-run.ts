import type { Client } from './client.ts'
import { ApiError } from './errors.ts'
import { readThroughOutage } from './outage.ts'
import { pause } from './pause.ts'
import type { Schemas } from './schemas.ts'

const firstPauseMs = 250
const growth = 1.5
// A look has so long beyond the deadline to bring its answer.
const graceMs = 5000
const finalTypes: readonly unknown[] = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']

/** A flow run as the API gives it. */
export type FlowRun = Schemas['FlowRunResponse']

/** Options of `waitForFlowRun`, and the waiting part of `runDeployment`'s. */
export interface WatchOptions {
  /** Longest pause between two looks at the run, in milliseconds; the first pauses are shorter. @default 5000 */
  pollIntervalMs?: number | undefined
  /** Called with each new state that a look finds, the first included; one between two looks is not noticed. */
  onState?: ((state: Schemas['State'], flowRun: FlowRun) => void) | undefined
  /** Ends the waiting, which rejects with the signal's reason; the run goes on. */
  signal?: AbortSignal | undefined
}

/** Options of `waitForFlowRun`. */
export interface WaitForFlowRunOptions extends WatchOptions {
  /** Rejects with code `TIMEOUT` when the run is not final after so many milliseconds. @default no limit */
  timeoutMs?: number | undefined
}

/** Whether a run in this state has ended: COMPLETED, FAILED, CRASHED or CANCELLED. */
export function isFinalState(state: Schemas['State'] | null | undefined): boolean {
  return finalTypes.includes(state?.type)
}

/**
 * Waits until a flow run has ended, however it did: look at its `state`. A server that is away for up to
 * 5 minutes does not end the waiting. Rejects with `ApiError`: `NOT_FOUND` when there is no such run,
 * `TIMEOUT` when it has not ended in time (it goes on).
 */
export async function waitForFlowRun(
  client: Client,
  flowRunId: string,
  options: WaitForFlowRunOptions = {},
): Promise<FlowRun> {
  const { timeoutMs, ...watch } = options
  const flowRun = await watchFlowRun(client, flowRunId, timeoutMs, watch)
  if (isFinalState(flowRun.state)) return flowRun
  throw new ApiError(
    `Flow run "${flowRun.name}" (${flowRunId}) is still ${flowRun.state?.name ?? 'without a state'} ` +
      `after ${timeoutMs} ms. It goes on; wait longer, or cancel it`,
    { code: 'TIMEOUT', method: 'GET', path: `/flow_runs/${flowRunId}` },
  )
}

/** The run when it is final, or as it is when the time is over. */
export async function watchFlowRun(
  client: Client,
  flowRunId: string,
  limitMs: number | undefined,
  { pollIntervalMs = 5000, onState, signal }: WatchOptions,
): Promise<FlowRun> {
  const deadline = limitMs === undefined ? Infinity : performance.now() + limitMs
  let pauseMs = Math.min(firstPauseMs, pollIntervalMs)
  let lastState: string | undefined
  for (;;) {
    const look = (): Promise<FlowRun> => {
      const leftMs = Math.max(deadline - performance.now(), 0) + graceMs
      const timeoutMs = Math.min(leftMs, client.settings.requestTimeoutMs)
      return client.get('/flow_runs/{id}', { path: { id: flowRunId }, signal, timeoutMs })
    }
    const flowRun = await readThroughOutage(look, { signal, deadline })
    const { state } = flowRun
    if (state && state.id !== lastState) {
      lastState = state.id
      onState?.(state, flowRun)
    }
    const leftMs = deadline - performance.now()
    if (isFinalState(state) || leftMs <= 0) return flowRun
    await pause(Math.min(pauseMs, leftMs), signal)
    pauseMs = Math.min(pauseMs * growth, pollIntervalMs)
  }
}
