import { parseArgs, type ParseArgsConfig } from 'node:util'
import { createClient, maskSecrets, type Client } from '@prefect-ts/api'
import type { Command, CommandContext } from './command.ts'
import { commands, commonOptions, findCommand } from './commands.ts'
import { CommandError, exitCodes, UsageError } from './errors.ts'
import { createOutput } from './output.ts'

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

/** Runs the command line and sets the exit code. A signal ends the command in order. */
export async function main(argv: readonly string[]): Promise<void> {
  const controller = new AbortController()
  const signals = { SIGINT: 130, SIGTERM: 143 } as const
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // A second Ctrl-C does not wait for what the first one has begun.
      if (controller.signal.aborted) process.exit(signals[name])
      process.exitCode = signals[name]
      controller.abort(new Error(`Interrupted by ${name}`))
    })
  }
  try {
    const code = await runCommand(argv, controller.signal)
    process.exitCode = controller.signal.aborted ? process.exitCode : code
  } catch (error) {
    if (controller.signal.aborted) return
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed
    process.stderr.write(`prefect-ts: ${maskSecrets(messageOf(error))}\n`)
  }
}

async function runCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { command, group } = findCommand(argv)
  if (command === undefined) throw unknownCommand(argv, group?.name)
  const { values, positionals } = parse(command, argv)
  const given = positionals.slice(command.name.split(' ').length)
  checkCount(command, given)

  const { run } = await command.load()
  let client: Client | undefined
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const context: CommandContext = {
    arguments: given,
    flag: (name) => values[name] === true,
    value: text,
    values: (name) => {
      const value = values[name]
      return Array.isArray(value) ? value.map(String) : []
    },
    output: createOutput({
      json: values['json'] === true,
      color: values['no-color'] !== true,
    }),
    signal,
    env: process.env,
    cwd: process.cwd(),
    client: async () => (client ??= createClient({ profile: text('profile') })),
  }
  try {
    return (await run(context)) ?? exitCodes.done
  } finally {
    await client?.close()
  }
}

function parse(
  command: Command,
  argv: readonly string[],
): { values: Values; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const { name, value, multiple = false } of [...command.options, ...commonOptions]) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple }
  }
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    // Node's message goes on with advice that does not fit here.
    const [reason = ''] = messageOf(error).split(/\. |\n/)
    throw wrongUse(reason, command)
  }
}

function checkCount(command: Command, given: readonly string[]): void {
  const required = command.arguments.filter((name) => name.startsWith('<'))
  const missing = required[given.length]
  if (missing !== undefined) throw wrongUse(`${missing} is missing`, command)
  const last = command.arguments.at(-1)
  const extra = given[command.arguments.length]
  if (extra !== undefined && !last?.includes('…')) {
    throw wrongUse(`"${extra}" is one argument too many`, command)
  }
}

function wrongUse(reason: string, command: Command): UsageError {
  return new UsageError(`${reason}. See \`prefect-ts ${command.name} --help\``)
}

function unknownCommand(argv: readonly string[], group: string | undefined): UsageError {
  const [first = '', second = ''] = argv
  const names = commands
    .filter(({ name }) => group === undefined || name.startsWith(`${group} `))
    .map(({ name }) => name)
  let reason = `there is no command "${group === undefined ? first : `${first} ${second}`}"`
  if (first.startsWith('-')) reason = `the command stands before its options`
  else if (group !== undefined && (second === '' || second.startsWith('-'))) {
    reason = `"${group}" needs a command`
  }
  return new UsageError(`${reason}: ${names.join(', ')}. See \`prefect-ts --help\``)
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError || error instanceof UsageError) return error.message
  return error instanceof Error ? error.message : String(error)
}
