import { readLogs } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { findRun, levelOf, printLogs } from './runs.ts'

/** `runs logs`. */
export async function run(context: CommandContext): Promise<void> {
  const { signal } = context
  const level = levelOf(context)
  const client = await context.client()
  const found = await findRun(client, context.arguments[0] ?? '', signal)
  const follow = context.flag('follow')
  const logs = readLogs(client, { flowRunId: found.id, level, follow, signal })
  await printLogs(context, client, logs)
}
