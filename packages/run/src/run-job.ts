import { loadApi } from './api.ts'
import { contextVariable } from './context.ts'
import { RunError } from './errors.ts'
import { describeFailure, exitCodeOf, exitCodes } from './failure.ts'
import { openSession, type OpenSession } from './open-run.ts'
import type { InferOutput, ParamsSchema } from './params.ts'
import type { OpenRunOptions, Run } from './run.ts'

/** Options of {@link runJob}. */
export type RunJobOptions<Schema extends ParamsSchema = ParamsSchema> = Omit<
  OpenRunOptions<Schema>,
  'signal'
>

/** The work of a job. What it returns (anything JSON can hold) is the result that the flow gets. */
export type JobHandler<Params> = (run: Run<Params>) => unknown

/** Of the time that an aborted job has, kept for its logs and states. */
const afterHandlerMs = 1_400
const signalCodes: Partial<Record<NodeJS.Signals, number>> = {
  SIGTERM: 143,
  SIGINT: 130,
  SIGHUP: 129,
}

/**
 * Runs a job as the whole of this process: {@link openRun}, then `handler`, then its result or error to the flow,
 * then exit. Exit codes: 0 done, 1 a bug, 64 bad input, 66 missing data, 69 something unavailable, 143 / 130 / 129
 * after SIGTERM / SIGINT / SIGHUP, 143 when the flow process died or the flow run was cancelled. All of these abort
 * `run.signal`; a handler that has not returned 4 s after a signal is ended.
 *
 * With the argument `--describe` it prints the params as JSON Schema instead, with `--help` the arguments, and runs nothing.
 */
export async function runJob<Schema extends ParamsSchema = ParamsSchema<Record<string, unknown>>>(
  options: RunJobOptions<Schema>,
  handler: JobHandler<InferOutput<Schema>>,
): Promise<void> {
  const argv = options.argv ?? process.argv.slice(2)
  if (argv.includes('--describe')) return describe(options)
  if (argv.includes('--help')) return help()
  const controller = new AbortController()
  let abortedCode = 143
  for (const name of Object.keys(signalCodes) as NodeJS.Signals[]) {
    process.on(name, () => {
      if (controller.signal.aborted) return
      abortedCode = signalCodes[name] ?? abortedCode
      controller.abort(new RunError('CANCELLED', `The job was cancelled by ${name}.`))
    })
  }

  let session: OpenSession<InferOutput<Schema>> | undefined
  let logged = false
  try {
    session = await openSession({ ...options, signal: controller.signal }, () => (logged = true))
    const { run } = session
    let crashed = false
    const stray = strayFailure(() => (crashed = true))
    const cleanup = cleanedUp(session, () => exit(abortedCode))
    for (;;) {
      try {
        const result = await Promise.race([handler(run), stray, cleanup])
        run.signal.throwIfAborted()
        await run.complete(result)
        break
      } catch (error) {
        if (crashed || !(await session.retry(error))) throw error
      }
    }
    exit(exitCodes.done)
  } catch (error) {
    const aborted = session?.signal ?? controller.signal
    const cancelled = aborted.aborted || (error instanceof RunError && error.code === 'CANCELLED')
    const reason: unknown = aborted.aborted ? aborted.reason : error
    await session?.run.fail(reason).catch(writeError)
    // Without a flow the log has just said it there; what failed early has no log.
    const byHand = (options.env ?? process.env)[contextVariable] === undefined
    if (!byHand || !(session || logged)) await writeError(reason)
    exit(cancelled ? abortedCode : exitCodeOf(error))
  }
}

async function help(): Promise<void> {
  const { usage } = await import('./command-line.ts')
  await new Promise((resolve) => process.stdout.write(`${usage}\n`, resolve))
  exit(exitCodes.done)
}

async function describe(options: RunJobOptions): Promise<void> {
  try {
    const { describeParams } = await import('./params.ts')
    const params = describeParams(options.params, options.camelCaseParams ?? false)
    const text = `${JSON.stringify({ protocol: 1, params })}\n`
    await new Promise((resolve) => process.stdout.write(text, resolve))
    exit(exitCodes.done)
  } catch (error) {
    await writeError(error)
    exit(exitCodeOf(error))
  }
}

/** Rejects with what nobody awaited or caught, which would otherwise end the process before the flow is told. */
function strayFailure(onCrash: () => void): Promise<never> {
  const stray = new Promise<never>((_resolve, reject) => {
    process.once('uncaughtException', reject)
    process.once('unhandledRejection', reject)
  })
  stray.catch(onCrash)
  return stray
}

/** Rejects some time after an abort, when the handler did not. `hardExit` is called when even that led to no exit. */
function cleanedUp(
  session: { signal: AbortSignal; readonly graceMs: number },
  hardExit: () => void,
): Promise<never> {
  const { signal } = session
  const late = new Promise<never>((_resolve, reject) => {
    const start = (): void => {
      setTimeout(() => reject(signal.reason), session.graceMs - afterHandlerMs)
      setTimeout(hardExit, session.graceMs)
    }
    if (signal.aborted) start()
    else signal.addEventListener('abort', start, { once: true })
  })
  late.catch(() => {})
  return late
}

async function writeError(error: unknown): Promise<void> {
  const { maskSecrets } = await loadApi()
  process.stderr.write(`${describeFailure(error, maskSecrets).message}\n`)
}

/** Not left to an empty event loop: a connection or a timer that the job forgot must not hold the flow. */
function exit(code: number): never {
  process.exit(code)
}
