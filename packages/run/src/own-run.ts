import type { StateData } from './result-storage.ts'

/** How a run of the job's own ended. */
export interface EndState {
  type: 'COMPLETED' | 'FAILED' | 'CRASHED' | 'CANCELLED'
  message?: string | undefined
  data?: StateData
}

/** A flow run or task run that the job itself opened: the only runs whose state it sets. */
export interface OwnRun {
  readonly flowRunId: string
  readonly taskRunId: string | undefined
  /**
   * Tells a failure after which the run may go on. Resolves to true when it is to be tried again, once the delay is
   * over; to false when this was the last attempt, and the state is not set yet.
   */
  retry(message: string, signal: AbortSignal): Promise<boolean>
  /** Sets the final state. Rejects when the server did not take it: the result is not acknowledged. */
  end(state: EndState): Promise<void>
}

/** How often a run is tried again, and after how long. */
export interface RetryPolicy {
  retries: number
  retryDelayMs: number
}
