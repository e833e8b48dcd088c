import type { Client } from '@prefect-ts/api'
import { dirname } from 'node:path'
import { loadApi, requireApi } from './api.ts'
import { createArtifacts } from './artifact.ts'
import type { RunContext, RunReference } from './context.ts'
import { RunError } from './errors.ts'
import { createEvents } from './events.ts'
import { describeFailure, type JobFailure } from './failure.ts'
import { openLineage, type Lineage } from './lineage.ts'
import { createLogSender, type LogSender } from './log-sender.ts'
import { createLog, formatLine, levelNumber, levels, type LogLine, type RunLog } from './log.ts'
import type { OwnRun } from './own-run.ts'
import { watchParent } from './parent.ts'
import { createProgress } from './progress.ts'
import { createApiRecords, type RunRecords } from './records.ts'
import type { ResultStorage, StateData } from './result-storage.ts'
import type { OpenRunOptions, Run } from './run.ts'
import type { RunIdentity } from './run-resources.ts'

/** A job that has ended waits so long for a server that takes no more log lines. */
const flushLimitMs = 120_000
/** Of the time that a job has to end, kept for what follows the logs. */
const afterLogsMs = 400
const defaultPollMs = 2_000

// Prefect sends SIGKILL 5 s after SIGTERM: be gone before, with our own exit code.
const signalGraceMs = 4_000
// A cancelled flow run was cancelled up to a poll ago already.
const cancelledGraceMs = 2_000

/** All of a run that does not depend on its params. */
export type SessionRun = Omit<Run, 'params' | 'client' | 'loadBlock' | 'openStore'>

/** A run, and what only `runJob` needs of it. */
export interface Session {
  readonly signal: AbortSignal
  readonly run: SessionRun
  /** How long the job may take to end from the moment that it was aborted, in milliseconds. */
  readonly graceMs: number
  /** Whether to run the handler again after this error; resolves once the delay is over. */
  readonly retry: (error: unknown) => Promise<boolean>
}

export interface SessionInput {
  context: RunContext | undefined
  env: NodeJS.ProcessEnv
  options: OpenRunOptions
  client: () => Client
  /** The run that the job opened, if it did. */
  own: (OwnRun & { name?: string | undefined }) | undefined
  /** Opens blocks and stores for the result. */
  stores: () => Pick<Run, 'loadBlock' | 'openStore'>
}

const maskAll = (text: string): string => requireApi().maskSecrets(text)

export function createSession(input: SessionInput): Session {
  const { context, env, options, own, client } = input
  const controller = new AbortController()
  const outer = options.signal
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  const flowRun = context?.flowRun ?? (own && ownFlowRun(own))
  const taskRun = ownTaskRun(own, options, context) ?? context?.taskRun ?? undefined
  let graceMs = signalGraceMs
  let deadline = Infinity
  /** Name of the state that the flow run was stopped by. */
  let stoppedState: string | undefined
  const startDeadline = (): void => void (deadline = Date.now() + graceMs)
  if (signal.aborted) startDeadline()
  else signal.addEventListener('abort', startDeadline, { once: true })

  const { log, sender } = openLog(env, client, flowRun?.id, taskRun?.id)
  const target = flowRun && { client, flowRunId: flowRun.id, taskRunId: taskRun?.id, signal }
  const records = target && createApiRecords(target)
  const identity = flowRun && { client, flowRun, taskRun }
  const { progress, lineage, ...parts } = createParts({
    log,
    records,
    identity,
    lineage: options.lineage ?? true,
    name: (taskRun ?? flowRun)?.name,
    signal,
  })
  const stopWatching = watch()

  function watch(): () => void {
    const stops: (() => void)[] = []
    const { parentProcessId: processId, resultFile } = context ?? {}
    if (processId && resultFile) {
      const parent = { processId, folder: dirname(resultFile) }
      stops.push(watchParent(parent, () => abort('The flow process is gone.', signalGraceMs)))
    }
    const pollMs = options.cancellationPollMs ?? defaultPollMs
    if (flowRun && pollMs > 0) {
      const { id } = flowRun
      const onStop = (state: string): void => {
        stoppedState = state
        abort(`The flow run was stopped in Prefect (${state}).`, cancelledGraceMs)
      }
      // Loaded when the first look is due: a short job never needs it.
      const timer = setTimeout(() => void look(id, onStop), pollMs).unref()
      stops.push(() => clearTimeout(timer))
    }
    async function look(id: string, onStop: (state: string) => void): Promise<void> {
      const { watchFlowRun } = await import('./watch-flow-run.ts')
      if (!closing) stops.push(watchFlowRun(client, id, pollMs, onStop))
    }
    return () => stops.forEach((stop) => stop())
  }

  function abort(message: string, grace: number): void {
    graceMs = grace
    controller.abort(new RunError('CANCELLED', message))
  }

  /** Sends what is left. The client stays open: the own run's last state follows. */
  async function flush(): Promise<void> {
    if (!signal.aborted) {
      await Promise.all([progress.close(), lineage?.close()])
      await sender?.close(flushLimitMs)
    } else {
      const limitMs = Math.max(Math.min(deadline - Date.now() - afterLogsMs, 3_000), 200)
      await Promise.all([sender?.closeHurriedly(limitMs), lineage?.close()])
    }
  }

  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeAll())
  async function closeAll(): Promise<void> {
    await flush()
    stopWatching()
    // A client that was never needed is not made for it.
    if (flowRun)
      await loadApi()
        .then(() => client().close())
        .catch(() => {})
  }

  async function complete(result: unknown): Promise<void> {
    const { serializeResult, serializeValue, tellFlow } = await import('./result.ts')
    const text = serializeValue(result)
    const data = own && !signal.aborted ? await resultData(text) : undefined
    await flush()
    // Told last: a result means that the job is through with everything.
    signal.throwIfAborted()
    await own?.end({ type: 'COMPLETED', data })
    await close()
    tellFlow(context, serializeResult(text))
    if (!context) process.stdout.write(`${JSON.stringify(result ?? null, null, 2)}\n`)
  }

  async function resultData(text: string): Promise<StateData> {
    const { inlineResult, storeResult } = await import('./result-storage.ts')
    const storage = resultStorage(context, options, env)
    if (storage !== undefined) return storeResult(text, storage, input.stores())
    // Where a file carries the result, the own run's state shows it only if it is small.
    if (context?.resultFile) return undefined
    return inlineResult(text)
  }

  async function fail(reason: unknown): Promise<void> {
    const { maskSecrets } = await loadApi()
    const { serializeFailure, tellFlow } = await import('./result.ts')
    const failure = describeFailure(reason, maskSecrets)
    log.error(failure.message, reason instanceof Error ? { error: reason } : undefined)
    const text = serializeFailure(failure)
    // A job that is being ended may not come to the end of this.
    const told = signal.aborted
    if (told) tellFlow(context, text)
    try {
      if (own === undefined) await flush()
      else await Promise.all([flush(), endFailed(own, failure)])
    } finally {
      await close()
      if (!told) tellFlow(context, text)
    }
  }

  async function endFailed(run: OwnRun, failure: JobFailure): Promise<void> {
    const type = signal.aborted ? await endOfAborted() : 'FAILED'
    // The flow reads code and retryable from here (`read_state` of the PyPI half).
    const marks = failure.retryable ? `${failure.code}, retryable` : failure.code
    await run.end({ type, message: `${failure.message} [${marks}]` })
  }

  /** Cancelled where Prefect says so, else crashed: Python's names for a process that was told to go. */
  async function endOfAborted(): Promise<'CANCELLED' | 'CRASHED'> {
    if (!flowRun || stoppedState === 'Crashed') return 'CRASHED'
    if (stoppedState !== undefined) return 'CANCELLED'
    const path = { id: flowRun.id }
    const found = await client()
      .get('/flow_runs/{id}', { path, timeoutMs: 1_000 })
      .catch(() => undefined)
    const type = found?.state?.type ?? ''
    const { isStopped } = await import('./watch-flow-run.ts')
    return isStopped(type) && type !== 'CRASHED' ? 'CANCELLED' : 'CRASHED'
  }

  return {
    signal,
    get graceMs() {
      return graceMs
    },
    retry: async (error) => {
      if (own === undefined || signal.aborted) return false
      const { maskSecrets } = await loadApi()
      const failure = describeFailure(error, maskSecrets)
      if (!failure.retryable || !(await own.retry(failure.message, signal))) return false
      log.warning(`Trying again after: ${failure.message}`, { error })
      return true
    },
    run: {
      signal,
      log,
      ...parts,
      flowRun,
      taskRun,
      deployment: context?.deployment ?? undefined,
      scheduledStart: flowRun?.scheduledStart ? new Date(flowRun.scheduledStart) : undefined,
      timeZone: context?.timeZone ?? 'UTC',
      progress: (fraction) => progress.report(fraction),
      complete,
      fail,
      [Symbol.asyncDispose]: close,
    },
  }
}

function ownFlowRun(own: NonNullable<SessionInput['own']>): NonNullable<RunContext['flowRun']> {
  return { id: own.flowRunId, name: own.name ?? own.flowRunId, scheduledStart: null }
}

function ownTaskRun(
  own: SessionInput['own'],
  options: OpenRunOptions,
  context: RunContext | undefined,
): RunReference | undefined {
  if (own?.taskRunId === undefined) return undefined
  return context?.ownTaskRun ?? { id: own.taskRunId, name: own.name ?? options.taskName ?? '' }
}

/** Prefect's own setting of the block that takes results. */
const defaultBlockVariable = 'PREFECT_RESULTS_DEFAULT_STORAGE_BLOCK'

function resultStorage(
  context: RunContext | undefined,
  options: OpenRunOptions,
  env: NodeJS.ProcessEnv,
): (ResultStorage & { block: string }) | undefined {
  const { resultStorage: storage } = options
  if (storage) {
    const block = context?.resultBlock ?? storage.block ?? env[defaultBlockVariable]
    return block ? { ...storage, block } : undefined
  }
  if (!context?.resultBlock) return undefined
  throw new RunError(
    'UNKNOWN_DATASTORE',
    `The flow wants the result in ${context.resultBlock}, but the job opens no such block: give runJob resultStorage: { adapters }.`,
  )
}

export interface RunPartsInput {
  log: RunLog
  records: RunRecords | undefined
  identity: RunIdentity | undefined
  lineage: boolean
  /** Name of the run. */
  name: string | undefined
  signal: AbortSignal
}

/** Artifacts, events, progress and lineage of a run: the same on a server and in the test kit. */
export function createParts(input: RunPartsInput): Pick<Run, 'artifact' | 'event' | 'check'> & {
  progress: ReturnType<typeof createProgress>
  lineage: Lineage | undefined
} {
  const { log, signal } = input
  const records = (): RunRecords | undefined => input.records
  const identity = (): RunIdentity | undefined => input.identity
  const progress = createProgress(
    records,
    () => `Progress of ${input.name}`,
    (error) => {
      if (!signal.aborted) log.warning('Progress could not be shown', { error })
    },
  )
  const source = { records, identity, log }
  return {
    ...createEvents(source),
    artifact: createArtifacts(records),
    progress,
    lineage: input.records && input.lineage ? openLineage(source) : undefined,
  }
}

const toStderr = (text: string): void => void process.stderr.write(maskAll(text))

/** A log to the flow run, or to stderr without one. */
function openLog(
  env: NodeJS.ProcessEnv,
  client: () => Client,
  flowRunId: string | undefined,
  taskRunId: string | undefined,
): { log: RunLog; sender: LogSender | undefined } {
  if (flowRunId === undefined) {
    const level = levelNumber(env['PREFECT_LOGGING_LEVEL'] ?? 'INFO') ?? levels.info
    const toTerminal = (line: LogLine): void => toStderr(formatLine(line))
    return { log: createLog(toTerminal, () => level), sender: undefined }
  }
  const sender = createLogSender({ client, flowRunId, taskRunId, fallback: toStderr })
  return { log: createLog(sender.send, sender.minimumLevel), sender }
}
