import { isApiError, type Client, type FlowRun, type Log } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { CommandError, exitCodes, UsageError } from './errors.ts'
import { printable, type Output, type Style } from './output.ts'

type State = NonNullable<FlowRun['state']>

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const levels: Readonly<Record<string, number>> = {
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
}

/** The flow run of that id, or the newest of that name. */
export async function findRun(
  client: Client,
  idOrName: string,
  signal: AbortSignal,
): Promise<FlowRun> {
  if (uuid.test(idOrName)) {
    return await client.get('/flow_runs/{id}', { path: { id: idOrName }, signal })
  }
  const [found] = await client.post('/flow_runs/filter', {
    body: {
      flow_runs: { name: { any_: [idOrName] } },
      sort: 'EXPECTED_START_TIME_DESC',
      limit: 1,
      offset: 0,
    },
    signal,
  })
  if (found === undefined) {
    throw new CommandError(`There is no flow run "${idOrName}" on ${client.apiUrl}`)
  }
  return found
}

/** The number of the level that `--level` names, undefined without it. */
export function levelOf(context: CommandContext): number | undefined {
  const name = context.value('level')
  if (name === undefined) return undefined
  const level = levels[name.toUpperCase()]
  if (level !== undefined) return level
  throw new UsageError(`--level "${name}" is none of ${Object.keys(levels).join(', ')}`)
}

/** Where Prefect's pages show a run. */
export function runPage(client: Client, flowRunId: string): string | undefined {
  return client.apiUrl.endsWith('/api')
    ? `${client.apiUrl.slice(0, -'/api'.length)}/v2/runs/flow-run/${flowRunId}`
    : undefined
}

/** What JSON says of a run. */
export function runSummary(client: Client, run: FlowRun): Record<string, unknown> {
  return {
    id: run.id,
    name: run.name,
    state: run.state
      ? { type: run.state.type, name: run.state.name, message: run.state.message }
      : null,
    page: runPage(client, run.id),
  }
}

/** Prints log lines as they come: time, level, the task run that wrote it, message. */
export async function printLogs(
  { output, signal }: CommandContext,
  client: Client,
  logs: AsyncIterable<Log>,
): Promise<void> {
  const names = new Map<string, string>()
  for await (const log of logs) {
    const { timestamp, level, name, message, task_run_id: taskRunId } = log
    if (output.json) {
      output.printJson({ timestamp, level, name, taskRunId, message })
      continue
    }
    if (taskRunId && !names.has(taskRunId)) {
      names.set(taskRunId, await readTaskRunName(client, taskRunId, signal))
    }
    printLog(output, log, names.get(taskRunId ?? ''))
  }
}

/** The name of a task run; empty when it is gone. */
async function readTaskRunName(client: Client, id: string, signal: AbortSignal): Promise<string> {
  try {
    return (await client.get('/task_runs/{id}', { path: { id }, signal })).name ?? ''
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return ''
    throw error
  }
}

function printLog(output: Output, log: Log, taskRun: string | undefined): void {
  const name = Object.keys(levels).findLast((each) => (levels[each] ?? 0) <= log.level) ?? 'DEBUG'
  const style: Style | undefined =
    log.level >= 40 ? 'red' : log.level >= 30 ? 'yellow' : log.level < 20 ? 'dim' : undefined
  const time = output.style('dim', clock(log.timestamp))
  const level = style === undefined ? name.padEnd(8) : output.style(style, name.padEnd(8))
  // A message may have lines of its own, but nothing that moves the cursor.
  const message = log.message.split('\n').map(printable).join('\n')
  const from = taskRun ? output.style('dim', `${printable(taskRun)}: `) : ''
  output.print(`${time} ${level} ${from}${message}`)
}

/** Prints a state that a run has come to. */
export function printState({ output }: CommandContext, state: State): void {
  if (output.json) {
    output.printJson({
      timestamp: state.timestamp,
      state: state.type,
      name: state.name,
      message: state.message,
    })
    return
  }
  const name = output.style(styleOf(state.type), state.name ?? state.type)
  const message = state.message ? `: ${state.message.split('\n').map(printable).join('\n')}` : ''
  output.print(`${output.style('dim', clock(state.timestamp))} ${name}${message}`)
}

/** 0 for a run that completed, else the code for "no". */
export function exitCodeOf(run: FlowRun): number {
  return run.state?.type === 'COMPLETED' ? exitCodes.done : exitCodes.no
}

function styleOf(type: State['type']): Style {
  if (type === 'COMPLETED') return 'green'
  if (type === 'FAILED' || type === 'CRASHED') return 'red'
  return type === 'CANCELLED' || type === 'CANCELLING' ? 'yellow' : 'cyan'
}

/** Local time of day, with seconds. */
function clock(timestamp: string | null | undefined): string {
  const date = timestamp ? new Date(timestamp) : new Date()
  return date.toTimeString().slice(0, 8)
}
