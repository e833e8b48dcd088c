import type { Client } from './client.ts'
import { ApiError } from './errors.ts'
import { pause } from './pause.ts'
import type { Schemas } from './schemas.ts'

/** A state to bring a flow run into. */
export interface NewState {
  /** `CANCELLING` asks the run's process to stop; `SCHEDULED` runs it (again). */
  type: Schemas['StateType']
  /** What people read. @default the type's own name */
  name?: string | undefined
  /** Why. */
  message?: string | undefined
  /** The run's result, as JSON. */
  data?: unknown
  /** When a `SCHEDULED` run is to start. @default now */
  scheduledTime?: Date | undefined
}

/** Options of `setFlowRunState`. */
export interface SetFlowRunStateOptions {
  /** Skips Prefect's rules, which may refuse the state or put another in its place. @default false */
  force?: boolean | undefined
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** What became of it. */
export interface SetStateResult {
  /** Whether the run is in the state asked for; else Prefect's rules put it, or left it, in another. */
  accepted: boolean
  /** The run's state now. */
  state: Schemas['State']
  /** Why the state asked for was refused. */
  reason: string | undefined
}

/**
 * Sets the state of a flow run under Prefect's rules. When they say to wait, it waits and asks again; a
 * repeated request acts once. Rejects with `ApiError`: `CONFLICT` when the rules end the transition
 * (Prefect's ABORT), `NOT_FOUND` when there is no such run.
 */
export async function setFlowRunState(
  client: Client,
  flowRunId: string,
  state: NewState,
  options: SetFlowRunStateOptions = {},
): Promise<SetStateResult> {
  const { force = false, signal } = options
  const transition = crypto.randomUUID()
  const { type, name, message, data, scheduledTime } = state
  for (;;) {
    const answer = await client.post('/flow_runs/{id}/set_state', {
      path: { id: flowRunId },
      body: {
        state: {
          type,
          name: name ?? null,
          message: message ?? null,
          data: data ?? null,
          state_details: {
            transition_id: transition,
            scheduled_time: scheduledTime?.toISOString() ?? null,
          },
        },
        force,
      },
      signal,
    })
    const { details, status } = answer
    const reason = ('reason' in details ? details.reason : undefined) ?? undefined
    if (status === 'WAIT') {
      const seconds = 'delay_seconds' in details ? details.delay_seconds : 1
      await pause(seconds * 1000, signal)
      continue
    }
    if (status === 'ABORT' || !answer.state) {
      throw new ApiError(
        `Cannot set flow run ${flowRunId} ${state.type}: ${reason ?? 'Prefect ended the transition'}`,
        {
          code: 'CONFLICT',
          method: 'POST',
          path: `/flow_runs/${flowRunId}/set_state`,
          detail: reason,
        },
      )
    }
    // A request whose answer was lost is refused when repeated, but it did its work.
    const isOurs = answer.state.state_details?.transition_id === transition
    const accepted = status === 'ACCEPT' || isOurs
    return { accepted, state: answer.state, reason: accepted ? undefined : reason }
  }
}
