import { maskSecrets } from '@prefect-ts/api'
import { contextVariable } from './context.ts'
import { RunError } from './errors.ts'
import { openRun } from './open-run.ts'
import type { InferOutput, ParamsSchema } from './params.ts'
import { describeFailure } from './result.ts'
import type { OpenRunOptions, Run } from './run.ts'

/** Options of {@link runJob}. */
export type RunJobOptions<Schema extends ParamsSchema = ParamsSchema> = Omit<
  OpenRunOptions<Schema>,
  'signal'
>

/** The work of a job. What it returns (anything JSON can hold) is the result that the flow gets. */
export type JobHandler<Params> = (run: Run<Params>) => unknown

// Prefect sends SIGKILL 5 s after SIGTERM: be gone before, with our own exit code.
const hardExitMs = 4_000
/** How long a handler may clean up once the run is aborted; the rest is for its logs. */
const cleanupMs = 2_500
const exitCodes: Partial<Record<NodeJS.Signals, number>> = {
  SIGTERM: 143,
  SIGINT: 130,
  SIGHUP: 129,
}

/**
 * Runs a job as the whole of this process: {@link openRun}, then `handler`, then its result or error to the flow,
 * then exit. Exit codes: 0 done, 1 failed, 143 / 130 / 129 after SIGTERM / SIGINT / SIGHUP, 143 when the flow
 * process died. A signal aborts `run.signal`; a handler that has not returned 4 s later is ended.
 */
export async function runJob<Schema extends ParamsSchema = ParamsSchema<Record<string, unknown>>>(
  options: RunJobOptions<Schema>,
  handler: JobHandler<InferOutput<Schema>>,
): Promise<void> {
  const controller = new AbortController()
  let exitCode = 143
  for (const name of Object.keys(exitCodes) as NodeJS.Signals[]) {
    process.on(name, () => {
      if (controller.signal.aborted) return
      exitCode = exitCodes[name] ?? exitCode
      controller.abort(new RunError('CANCELLED', `The job was cancelled by ${name}.`))
    })
  }

  let run: Run<InferOutput<Schema>> | undefined
  try {
    run = await openRun({ ...options, signal: controller.signal })
    const result = await Promise.race([
      handler(run),
      strayFailure(),
      cleanedUp(run.signal, () => exit(exitCode)),
    ])
    run.signal.throwIfAborted()
    await run.complete(result)
    exit(0)
  } catch (error) {
    const cancelled = run?.signal.aborted ?? controller.signal.aborted
    const reason = cancelled ? (run?.signal.reason ?? controller.signal.reason) : error
    await run?.fail(reason).catch(writeError)
    // Without a flow the log has just said it there.
    if ((options.env ?? process.env)[contextVariable] !== undefined) writeError(reason)
    exit(cancelled ? exitCode : 1)
  }
}

/** Rejects with what nobody awaited or caught, which would otherwise end the process before the flow is told. */
function strayFailure(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.once('uncaughtException', reject)
    process.once('unhandledRejection', reject)
  })
}

/** Rejects some time after an abort, when the handler did not. `hardExit` is called when even that led to no exit. */
function cleanedUp(signal: AbortSignal, hardExit: () => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    const start = (): void => {
      setTimeout(() => reject(signal.reason), cleanupMs)
      setTimeout(hardExit, hardExitMs)
    }
    if (signal.aborted) start()
    else signal.addEventListener('abort', start, { once: true })
  })
}

function writeError(error: unknown): void {
  process.stderr.write(`${maskSecrets(describeFailure(error).message)}\n`)
}

/** Not left to an empty event loop: a connection or a timer that the job forgot must not hold the flow. */
function exit(code: number): never {
  process.exit(code)
}
