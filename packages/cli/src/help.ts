import type { Command, CommandOption } from './command.ts'
import { commands, commonOptions, groups, type Group } from './commands.ts'

/** The program's help. */
export function help(): string {
  const single = commands.filter(({ name }) => !name.includes(' '))
  const lines = [
    'What a Prefect server has, and what a Node job makes of it.',
    '',
    'Usage: prefect-ts <command> [options]',
    '',
    ...section('Commands', [
      ...single.map(({ name, summary }) => [name, summary] as const),
      ...groups.map(
        ({ name, summary }) => [`${name} ${subcommands(name).join('|')}`, summary] as const,
      ),
    ]),
    'The server: PREFECT_API_URL, .env, prefect.toml or the active profile.',
    'Exit codes: 0 done, 1 failed, 2 wrong command line, 3 the answer is no.',
    '',
    '`prefect-ts <command> --help` explains one command.',
  ]
  return `${lines.join('\n')}\n`
}

/** The help of a word that has commands below it. */
export function groupHelp(group: Group): string {
  const below = commands.filter(({ name }) => name.startsWith(`${group.name} `))
  const lines = [
    `${group.summary}.`,
    '',
    `Usage: prefect-ts ${group.name} <command> [options]`,
    '',
    ...section(
      'Commands',
      below.map((command) => [usageOf(command, false), command.summary]),
    ),
    `\`prefect-ts ${group.name} <command> --help\` explains one command.`,
  ]
  return `${lines.join('\n')}\n`
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const lines = [
    `${command.summary}.`,
    ...(command.details === undefined ? [] : [command.details]),
    '',
    `Usage: prefect-ts ${usageOf(command, true)}`,
    '',
    ...section('Options', [...command.options, ...commonOptions].map(optionLine)),
    ...section(
      'Examples',
      command.examples.map(([line, effect]) => [`prefect-ts ${line}`, effect]),
    ),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function usageOf(command: Command, withOptions: boolean): string {
  return [command.name, ...command.arguments, ...(withOptions ? ['[options]'] : [])].join(' ')
}

function subcommands(group: string): string[] {
  return commands
    .filter(({ name }) => name.startsWith(`${group} `))
    .map(({ name }) => name.slice(group.length + 1))
}

function optionLine({ name, value, multiple, help: text }: CommandOption): [string, string] {
  return [
    value === undefined ? `--${name}` : `--${name} <${value}>`,
    multiple ? `${text}; may be repeated` : text,
  ]
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  // A long left side stands on a line of its own.
  const width = Math.max(...rows.map(([left]) => (left.length > 34 ? 0 : left.length)))
  return [
    `${title}:`,
    ...rows.map(([left, right]) =>
      left.length > 34
        ? `  ${left}\n  ${' '.repeat(width)}  ${right}`
        : `  ${left.padEnd(width)}  ${right}`,
    ),
    '',
  ]
}
