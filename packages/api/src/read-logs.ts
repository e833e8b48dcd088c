import type { Client } from './client.ts'
import { ApiError } from './errors.ts'
import { readThroughOutage } from './outage.ts'
import { pause } from './pause.ts'
import { readAhead, type Page } from './read-ahead.ts'
import type { Schemas } from './schemas.ts'
import { isFinalState, type FlowRun } from './wait-for-flow-run.ts'

const pageSize = 200
// Python sends logs every 2 s, also those from before its run's last state.
const settleMs = 3000

/** One line of a run's log. */
export type Log = Schemas['Log']

/** Options of `readLogs`: which lines, and how. */
export interface ReadLogsOptions {
  /** Of this flow run, its tasks included. */
  flowRunId?: string | undefined
  /** Of this task run. */
  taskRunId?: string | undefined
  /** Of this level or above: 10 debug, 20 info, 30 warning, 40 error, 50 critical. @default all */
  level?: number | undefined
  /** Goes on until the run (the task run, when given) has ended and its last lines have come. @default false */
  follow?: boolean | undefined
  /** Pause between two looks for new lines, in milliseconds. @default 1000 */
  pollIntervalMs?: number | undefined
  /** Ends the loop, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * The lines of a run's log, each once, by their time. With `follow`, a line that reaches the server late
 * comes when it is there, after later ones, and a server that is away for up to 5 minutes does not end
 * the loop. Rejects with `ApiError`.
 *
 * @yields the lines
 */
export async function* readLogs(
  client: Client,
  options: ReadLogsOptions,
): AsyncGenerator<Log, void, undefined> {
  const { flowRunId, taskRunId, level, follow = false, pollIntervalMs = 1000, signal } = options
  if (flowRunId === undefined && taskRunId === undefined) {
    throw new ApiError('Cannot read logs: give flowRunId or taskRunId', { code: 'INVALID_REQUEST' })
  }
  const logs = {
    flow_run_id: flowRunId === undefined ? null : { any_: [flowRunId] },
    task_run_id: taskRunId === undefined ? null : { any_: [taskRunId] },
    level: level === undefined ? null : { ge_: level },
  }
  const readRows = (offset: number, limit: number, ended?: AbortSignal): Promise<Log[]> => {
    const body = { sort: 'TIMESTAMP_ASC', logs, offset, limit } as const
    const read = (): Promise<Log[]> => client.post('/logs/filter', { body, signal: ended })
    return follow ? readThroughOutage(read, { signal: ended }) : read()
  }
  const readPage = async (offset: number, ended: AbortSignal): Promise<Page<Log, number>> => {
    const items = await readRows(offset, pageSize, ended)
    return { items, next: items.length < pageSize ? undefined : offset + pageSize }
  }

  const seen = new Set<string>()
  let endedAt: number | undefined
  for (;;) {
    // Asked before the lines are: what was logged before the run ended is then among them.
    if (follow && endedAt === undefined && (await hasEnded(client, options))) {
      endedAt = performance.now()
    }
    const begin = seen.size
    let repeated = 0
    for await (const log of readAhead(begin, readPage, signal)) {
      if (seen.has(log.id)) repeated += 1
      else {
        seen.add(log.id)
        yield log
      }
    }
    // For each row met again another one came in before the place where reading began.
    for (let end = begin; repeated > 0 && end > 0;) {
      const offset = Math.max(0, end - pageSize)
      for (const log of await readRows(offset, end - offset, signal)) {
        if (seen.has(log.id)) continue
        repeated -= 1
        seen.add(log.id)
        yield log
      }
      end = offset
    }
    const found = seen.size - begin
    if (follow) {
      const settled = endedAt !== undefined && performance.now() - endedAt >= settleMs
      if (settled && found === 0) return
      await pause(pollIntervalMs, signal)
    } else if (found < pageSize) return
  }
}

async function hasEnded(
  client: Client,
  { flowRunId, taskRunId, signal }: ReadLogsOptions,
): Promise<boolean> {
  const read = (): Promise<Pick<FlowRun, 'state'>> =>
    taskRunId === undefined
      ? client.get('/flow_runs/{id}', { path: { id: flowRunId ?? '' }, signal })
      : client.get('/task_runs/{id}', { path: { id: taskRunId }, signal })
  return isFinalState((await readThroughOutage(read, { signal })).state)
}
