import { isApiError, runDeployment } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { CommandError, UsageError } from './errors.ts'
import { runPage, runSummary } from './runs.ts'
import { watchRun } from './runs-watch.ts'

/** `runs start`: creates a run of a deployment, and with `--watch` follows it. */
export async function run(context: CommandContext): Promise<number | void> {
  const { output, signal } = context
  const parameters = readParameters(context)
  const scheduledTime = readTime(context.value('at'))
  const client = await context.client()
  const deployment = context.arguments[0] ?? ''
  const started = await runDeployment(client, deployment, {
    parameters,
    scheduledTime,
    name: context.value('name'),
    tags: context.values('tag'),
    idempotencyKey: context.value('idempotency-key'),
    waitMs: 0,
    signal,
  }).catch((error: unknown) => {
    if (!isApiError(error, 'NOT_FOUND')) throw error
    const reason = `There is no deployment "${deployment}" on ${client.apiUrl}`
    throw new CommandError(`${reason}; \`prefect deployment ls\` lists what there is`)
  })
  if (context.flag('watch')) return await watchRun(context, client, started, undefined)
  if (output.json) output.printJson(runSummary(client, started))
  else {
    output.print(started.id)
    output.note(`${started.name}: ${runPage(client, started.id) ?? started.state?.name}`)
  }
}

function readParameters(context: CommandContext): Record<string, unknown> {
  const parameters: Record<string, unknown> = {}
  const text = context.value('params')
  if (text !== undefined) {
    const value = parseJson(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new UsageError('--params is not a JSON object')
    }
    Object.assign(parameters, value)
  }
  for (const pair of context.values('param')) {
    const place = pair.indexOf('=')
    if (place < 1) throw new UsageError(`--param "${pair}" is not name=value`)
    const value = pair.slice(place + 1)
    const parsed = parseJson(value)
    parameters[pair.slice(0, place)] = parsed === undefined ? value : parsed
  }
  return parameters
}

/** The value of JSON text; undefined for text that is none, null for `null`. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readTime(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  // Without an offset the same command line would mean another instant on another machine.
  if (!Number.isNaN(time.getTime()) && /(?:Z|[+-]\d\d:\d\d)$/i.test(text)) return time
  throw new UsageError(`--at "${text}" is not a time like 2026-01-31T06:00:00Z`)
}
