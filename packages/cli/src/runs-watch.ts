import { isFinalState, readLogs, waitForFlowRun, type Client, type FlowRun } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { exitCodeOf, findRun, levelOf, printLogs, printState, runPage } from './runs.ts'

/** `runs watch`. */
export async function run(context: CommandContext): Promise<number> {
  const level = levelOf(context)
  const client = await context.client()
  const found = await findRun(client, context.arguments[0] ?? '', context.signal)
  return await watchRun(context, client, found, level)
}

/** Prints states and logs of a run, each when it is seen, until the run has ended and its last logs are there. */
export async function watchRun(
  context: CommandContext,
  client: Client,
  found: FlowRun,
  level: number | undefined,
): Promise<number> {
  const { signal } = context
  const page = runPage(client, found.id)
  context.output.note(`${found.name ?? found.id}: ${page ?? found.state?.name}`)
  const waiting = waitForFlowRun(client, found.id, {
    pollIntervalMs: 1000,
    // The last state is said last, after the last logs.
    onState: (state) => {
      if (!isFinalState(state)) printState(context, state)
    },
    signal,
  })
  // Said where it is awaited, below.
  waiting.catch(() => {})
  const logs = readLogs(client, { flowRunId: found.id, level, follow: true, signal })
  await printLogs(context, client, logs)
  const ended = await waiting
  if (ended.state) printState(context, ended.state)
  return exitCodeOf(ended)
}
