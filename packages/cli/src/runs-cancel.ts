import { isFinalState, setFlowRunState, waitForFlowRun, type NewState } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { findRun, printState, runSummary } from './runs.ts'

/** `runs cancel`: as Prefect's own, a run that never began is cancelled at once, any other by its worker. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const client = await context.client()
  const found = await findRun(client, context.arguments[0] ?? '', signal)
  if (isFinalState(found.state)) {
    throw new CommandError(`Run "${found.name}" has ended already: ${found.state?.name}`)
  }
  const state: NewState =
    found.state?.type === 'SCHEDULED' ? { type: 'CANCELLED' } : { type: 'CANCELLING' }
  const result = await setFlowRunState(client, found.id, state, { signal })
  if (!result.accepted) {
    throw new CommandError(`Run "${found.name}" stays ${result.state?.name}: ${result.reason}`)
  }
  if (context.flag('wait')) {
    const ended = await waitForFlowRun(client, found.id, { pollIntervalMs: 1000, signal })
    if (output.json) output.printJson(runSummary(client, ended))
    else if (ended.state) printState(context, ended.state)
    return
  }
  if (output.json) output.printJson({ id: found.id, name: found.name, state: result.state?.type })
  else output.print(`${found.name}: ${result.state?.name}`)
}
