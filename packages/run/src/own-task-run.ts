import type { Client, NewEvent } from '@prefect-ts/api'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadApi } from './api.ts'
import type { RunReference } from './context.ts'
import { RunError } from './errors.ts'
import type { EndState, OwnRun, RetryPolicy } from './own-run.ts'

export interface OwnTaskRunOptions extends RetryPolicy {
  /** The task run to be; its id may come from the flow, which then reads the result by it. */
  taskRun: RunReference
  /** Name of the task. */
  taskName: string
  flowRunId: string
  /** The task run that the job was called in: this one is drawn inside it. */
  parentTaskRunId: string | undefined
  tags: readonly string[]
  /** Whether the final state counts only once the server shows it: nothing else carries the result. */
  acknowledge: boolean
}

interface TaskState {
  id: string
  type: string
  name: string
  message: string | undefined
  data: unknown
  timestamp: Date
}

const acknowledgeLimitMs = 30_000

/**
 * A task run of the job's own in the flow run's graph, told as Python 3's task engine does: by client-side events, of
 * which the server makes the run (`emit_task_run_state_change_event` of prefect.utilities.engine). The first events
 * are sent while the job already works.
 */
export function openOwnTaskRun(client: () => Client, options: OwnTaskRunOptions): OwnRun {
  const { taskRun, flowRunId, retries, retryDelayMs } = options
  let last: TaskState | undefined
  let runCount = 0
  /** The server did not show a state in time: it is not waited for again. */
  let unseen = false
  let startTime: Date | undefined
  let sending: Promise<unknown> = Promise.resolve()
  const dynamicKey = crypto.randomUUID()

  function enter(type: string, more: Partial<Pick<TaskState, 'name' | 'message' | 'data'>>): void {
    const state: TaskState = {
      id: crypto.randomUUID(),
      type,
      name: more.name ?? `${type.charAt(0)}${type.slice(1).toLowerCase()}`,
      message: more.message,
      data: more.data ?? null,
      // Never the same time twice: the server orders states by it.
      timestamp: new Date(Math.max(Date.now(), (last?.timestamp.getTime() ?? 0) + 1)),
    }
    if (type === 'RUNNING') {
      runCount += 1
      startTime ??= state.timestamp
    }
    const event = createEvent(state, last)
    last = state
    sending = sending.then(async () => (await loadApi()).emitEvents(client(), [event]))
    sending.catch(() => {})
  }

  function createEvent(state: TaskState, before: TaskState | undefined): NewEvent {
    const { taskName, tags, parentTaskRunId } = options
    const { id, type, name, message, timestamp } = state
    const parents = [{ input_type: 'task_run', id: parentTaskRunId }]
    const ended = isFinal(type) ? { end_time: timestamp.toISOString() } : {}
    return {
      id,
      occurred: timestamp,
      event: `prefect.task-run.${name}`,
      resource: {
        'prefect.resource.id': `prefect.task-run.${taskRun.id}`,
        'prefect.resource.name': taskRun.name,
        'prefect.run-count': String(runCount),
        'prefect.state-message': message ?? '',
        'prefect.state-name': name,
        'prefect.state-timestamp': timestamp.toISOString(),
        'prefect.state-type': type,
        'prefect.orchestration': 'client',
      },
      related: [
        {
          'prefect.resource.id': `prefect.flow-run.${flowRunId}`,
          'prefect.resource.role': 'flow-run',
        },
        ...tags.toSorted().map((tag) => ({
          'prefect.resource.id': `prefect.tag.${tag}`,
          'prefect.resource.role': 'tag',
        })),
      ],
      payload: {
        intended: { from: before?.type ?? null, to: type },
        initial_state: before && {
          type: before.type,
          name: before.name,
          message: before.message ?? '',
          state_details: {},
        },
        validated_state: {
          type,
          name,
          message: message ?? '',
          state_details: {},
          data: state.data,
        },
        task_run: {
          name: taskRun.name,
          task_key: taskName,
          dynamic_key: dynamicKey,
          empirical_policy: { retries, retry_delay: Math.ceil(retryDelayMs / 1000) },
          tags: [...tags],
          labels: {},
          task_inputs: parentTaskRunId === undefined ? {} : { __parents__: parents },
          run_count: runCount,
          flow_run_run_count: 1,
          ...(startTime && { start_time: startTime.toISOString() }),
          ...ended,
        },
      },
      follows: before?.id,
    }
  }

  async function acknowledge(state: EndState): Promise<void> {
    await sending
    if (!options.acknowledge || unseen) return
    const deadline = Date.now() + acknowledgeLimitMs
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      const run = await client()
        .get('/task_runs/{id}', { path: { id: taskRun.id } })
        .catch((error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND') return
          throw error
        })
      if (run?.state?.type === state.type) return
      if (Date.now() > deadline) break
      await sleep(waitMs)
    }
    unseen = true
    throw new RunError(
      'RESULT_NOT_STORED',
      `The server does not show the state ${state.type} of task run ${taskRun.name} after ${acknowledgeLimitMs / 1000} s: its result reached nobody.`,
    )
  }

  enter('PENDING', {})
  enter('RUNNING', {})
  return {
    flowRunId,
    taskRunId: taskRun.id,
    async retry(message, signal) {
      if (runCount > retries) return false
      enter('SCHEDULED', { name: 'AwaitingRetry', message })
      await sleep(retryDelayMs, undefined, { signal })
      enter('RUNNING', { name: 'Retrying' })
      return true
    },
    async end(state) {
      enter(state.type, { message: state.message, data: state.data })
      await acknowledge(state)
    },
  }
}

function isFinal(type: string): boolean {
  return ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(type)
}
