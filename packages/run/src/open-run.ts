import { createClient, maskSecrets, type Client } from '@prefect-ts/api'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createArtifacts, type ArtifactTarget } from './artifact.ts'
import { readCommandLine } from './command-line.ts'
import { readContext, type RunContext } from './context.ts'
import { RunError } from './errors.ts'
import { createLogSender, type LogSender } from './log-sender.ts'
import { createLog, formatLine, levelNumber, type RunLog } from './log.ts'
import { checkNodeVersion } from './node-version.ts'
import { validateParams, type InferOutput, type ParamsSchema } from './params.ts'
import { watchParent } from './parent.ts'
import { createProgress } from './progress.ts'
import { describeFailure, serializeFailure, serializeResult, writeResultFile } from './result.ts'
import type { OpenRunOptions, Run } from './run.ts'
import { createBlockLoader, mergeDatastores, openDatastore } from './stores.ts'

const flushLimitMs = 120_000
// Prefect kills with SIGKILL 5 s after SIGTERM, and the exit itself has to fit in too.
const cancelledFlushLimitMs = 3_000

/**
 * Opens the run that a flow's `node_operation` started this process for, or, started by hand, one made of
 * `--params` alone. Installs no signal handler and never exits; {@link runJob} does.
 *
 * Rejects with `RunError` (`INVALID_CONTEXT`, `UNKNOWN_PROTOCOL`, `INVALID_PARAMS`, `UNSUPPORTED_NODE`) or
 * `ApiError`. Where the flow can be told, it has been told by then.
 */
export async function openRun<Schema extends ParamsSchema = ParamsSchema<Record<string, unknown>>>(
  options: OpenRunOptions<Schema> = {},
): Promise<Run<InferOutput<Schema>>> {
  const env = options.env ?? process.env
  const context = readContext(env)
  const session = startSession(context, env, options.signal)
  try {
    checkNodeVersion(process.versions.node)
    const commandLine = readCommandLine(options.argv ?? process.argv.slice(2))
    const datastores = mergeDatastores(context?.datastores, env, options.datastores)
    const given = commandLine.params ?? context?.params ?? {}
    const place = commandLine.params
      ? '--params'
      : context
        ? 'the params of the flow'
        : 'the params (no --params given)'
    const params = options.params
      ? await validateParams(options.params, given, place)
      : (given as InferOutput<Schema>)
    const loadBlock = createBlockLoader({
      client: () => session.client,
      blocks: { ...options.blocks, ...commandLine.blocks },
      signal: session.signal,
    })
    return {
      ...session.run,
      get client() {
        return session.client
      },
      params,
      loadBlock,
      openStore: (datastore, storeOptions) =>
        openDatastore(datastore, datastores, loadBlock, storeOptions),
    }
  } catch (error) {
    await session.run.fail(error)
    throw error
  }
}

type SessionRun = Omit<Run, 'params' | 'client' | 'loadBlock' | 'openStore'>

interface Session {
  readonly client: Client
  readonly signal: AbortSignal
  readonly run: SessionRun
}

/** A session; the flow is told even when there is none, as without an API URL. */
function startSession(...input: Parameters<typeof createSession>): Session {
  try {
    return createSession(...input)
  } catch (error) {
    tellFlow(input[0], serializeFailure(describeFailure(error)))
    throw error
  }
}

/** Writes the result file, or removes its folder when the flow process is gone and can't any more. */
function tellFlow(context: RunContext | undefined, text: string): void {
  if (context === undefined) return
  const { parentProcessId, resultFile } = context
  if (process.ppid === parentProcessId) writeResultFile(resultFile, text)
  if (process.ppid !== parentProcessId)
    rmSync(dirname(resultFile), { recursive: true, force: true })
}

/** All of a run that does not depend on its params. */
function createSession(
  context: RunContext | undefined,
  env: NodeJS.ProcessEnv,
  outer: AbortSignal | undefined,
): Session {
  const controller = new AbortController()
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  const flowRun = context?.flowRun ?? undefined
  const taskRun = context?.taskRun ?? undefined
  let lazyClient: Client | undefined
  const getClient = (): Client => (lazyClient ??= createClient({ env }))

  let stopWatching: (() => void) | undefined
  if (context) {
    const { parentProcessId: processId, resultFile } = context
    stopWatching = watchParent({ processId, folder: dirname(resultFile) }, () => {
      controller.abort(new RunError('CANCELLED', 'The flow process is gone.'))
    })
  }

  const { log, sender } = openLog(env, getClient, flowRun?.id, taskRun?.id)
  const target = (): ArtifactTarget | undefined =>
    flowRun && { client: getClient(), flowRunId: flowRun.id, taskRunId: taskRun?.id, signal }
  const description = `Progress of ${(taskRun ?? flowRun)?.name}`
  const progress = createProgress(target, description, (error) => {
    if (!signal.aborted) log.warning('Progress could not be shown', { error })
  })

  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeAll())
  async function closeAll(): Promise<void> {
    if (!signal.aborted) await progress.close()
    await sender?.close(signal.aborted ? cancelledFlushLimitMs : flushLimitMs)
    stopWatching?.()
    await lazyClient?.close()
  }
  return {
    get client() {
      return getClient()
    },
    signal,
    run: {
      signal,
      log,
      artifact: createArtifacts(target),
      flowRun,
      taskRun,
      deployment: context?.deployment ?? undefined,
      scheduledStart: flowRun?.scheduledStart ? new Date(flowRun.scheduledStart) : undefined,
      timeZone: context?.timeZone ?? 'UTC',
      progress: (fraction) => progress.report(fraction),
      async complete(result) {
        const text = serializeResult(result)
        await close()
        // Told last: a result in the file means that the job is through with everything.
        if (context) tellFlow(context, text)
        else process.stdout.write(`${JSON.stringify(result ?? null, null, 2)}\n`)
      },
      async fail(error) {
        log.error(describeFailure(error).message, error instanceof Error ? { error } : undefined)
        await close()
        tellFlow(context, serializeFailure(describeFailure(error)))
      },
      [Symbol.asyncDispose]: close,
    },
  }
}

const toStderr = (text: string): void => void process.stderr.write(maskSecrets(text))

/** A log to the flow run, or to stderr without one (or with `PREFECT_LOGGING_TO_API_ENABLED=false`). */
function openLog(
  env: NodeJS.ProcessEnv,
  getClient: () => Client,
  flowRunId: string | undefined,
  taskRunId: string | undefined,
): { log: RunLog; sender: LogSender | undefined } {
  if (flowRunId === undefined) {
    const level = levelNumber(env['PREFECT_LOGGING_LEVEL'] ?? 'INFO') ?? 20
    return { log: createLog((line) => toStderr(formatLine(line)), level), sender: undefined }
  }
  const client = getClient()
  const { settings } = client
  const level = levelNumber(settings.loggingLevel) ?? 20
  if (!settings.loggingToApiEnabled) {
    return { log: createLog((line) => toStderr(formatLine(line)), level), sender: undefined }
  }
  const sender = createLogSender({
    client,
    flowRunId,
    taskRunId,
    maxMessageLength: settings.loggingMaxLogSize,
    fallback: toStderr,
  })
  return { log: createLog((line) => sender.send(line), level), sender }
}
