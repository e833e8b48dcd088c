import type { Command, CommandOption } from './command.ts'

/** A word with commands below it. */
export interface Group {
  readonly name: string
  readonly summary: string
}

export const groups: readonly Group[] = [
  { name: 'blocks', summary: 'Prefect blocks, secrets masked' },
  { name: 'datasets', summary: 'Datasets in a store that a block describes' },
  { name: 'runs', summary: 'Runs of deployments' },
]

/** What every command takes. */
export const commonOptions: readonly CommandOption[] = [
  { name: 'json', help: 'Print JSON' },
  { name: 'profile', value: 'name', help: 'Profile of profiles.toml to use' },
  { name: 'no-color', help: 'No colours (so does the variable NO_COLOR)' },
  { name: 'help', help: 'Show this help' },
]

export const commands: readonly Command[] = [
  {
    name: 'doctor',
    summary: 'Check settings, server, a block or a job, and say what to do',
    arguments: [],
    options: [
      {
        name: 'block',
        value: 'slug/name',
        multiple: true,
        help: 'Load it; for a store: write, read, list and delete a probe',
      },
      { name: 'job', value: 'file', help: 'Check how a flow would start it, and its params' },
    ],
    examples: [
      ['doctor', 'settings and server'],
      ['doctor --block s3-bucket/willowdata', 'and a store'],
      ['doctor --job dist/main.js', 'and a job'],
    ],
    details: 'Ends with 3 when it found a problem; warnings are none.',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'blocks ls',
    summary: 'List blocks',
    arguments: [],
    options: [
      { name: 'type', value: 'slug', multiple: true, help: 'Only of this type' },
      { name: 'name', value: 'pattern', help: 'Only names that hold this text' },
      { name: 'capability', value: 'name', multiple: true, help: 'Only with it: read-path, …' },
    ],
    examples: [
      ['blocks ls', 'all blocks of the server'],
      ['blocks ls --type s3-bucket --json', 'as JSON'],
    ],
    load: () => import('./blocks-ls.ts'),
  },
  {
    name: 'blocks show',
    summary: 'Show a block, its secrets masked',
    arguments: ['<slug/name>'],
    options: [],
    examples: [['blocks show s3-bucket/willowdata', 'its fields, nested blocks too']],
    load: () => import('./blocks-show.ts'),
  },
  {
    name: 'blocks types',
    summary: 'List the block types of the server',
    arguments: [],
    options: [{ name: 'capability', value: 'name', multiple: true, help: 'Only with it' }],
    examples: [['blocks types --capability write-path', 'those that can hold files']],
    load: () => import('./blocks-types.ts'),
  },
  {
    name: 'runs start',
    summary: 'Start a run of a deployment',
    arguments: ['<flow/deployment>'],
    options: [
      { name: 'param', value: 'name=value', multiple: true, help: 'Value: JSON, else text' },
      { name: 'params', value: 'json', help: 'All parameters as one JSON object' },
      { name: 'tag', value: 'tag', multiple: true, help: 'Tag of the run' },
      { name: 'name', value: 'name', help: 'Name of the run' },
      { name: 'at', value: 'time', help: 'Start then (ISO 8601 with offset), not now' },
      { name: 'idempotency-key', value: 'key', help: 'A second run with it is not created' },
      { name: 'watch', help: 'Show its states and logs until it ends' },
    ],
    examples: [
      ['runs start etl/nightly', 'prints the id of the run'],
      ['runs start etl/nightly --param rundates=\'["2013-01-01"]\' --watch', 'and follows it'],
    ],
    details: 'With --watch it ends with 3 when the run did not complete.',
    load: () => import('./runs-start.ts'),
  },
  {
    name: 'runs watch',
    summary: 'Show the states and logs of a run until it ends',
    arguments: ['<run>'],
    options: [{ name: 'level', value: 'level', help: 'Lowest level of the logs: INFO, …' }],
    examples: [['runs watch clever-mongoose', 'by name, the newest of that name, or by id']],
    details: 'Ends with 3 when the run did not complete.',
    load: () => import('./runs-watch.ts'),
  },
  {
    name: 'runs logs',
    summary: 'Print the logs of a run',
    arguments: ['<run>'],
    options: [
      { name: 'follow', help: 'Go on until the run has ended' },
      { name: 'level', value: 'level', help: 'Lowest level: DEBUG, INFO, WARNING, ERROR' },
    ],
    examples: [['runs logs clever-mongoose --level WARNING', 'what went wrong']],
    load: () => import('./runs-logs.ts'),
  },
  {
    name: 'runs cancel',
    summary: 'Cancel a run',
    arguments: ['<run>'],
    options: [{ name: 'wait', help: 'Wait until it has ended' }],
    examples: [['runs cancel clever-mongoose --wait', 'until its worker has ended it']],
    load: () => import('./runs-cancel.ts'),
  },
]

/** The command that the command line begins with, or the group of its first word. */
export function findCommand(words: readonly string[]): {
  command: Command | undefined
  group: Group | undefined
} {
  const firstOption = words.findIndex((word) => word.startsWith('-'))
  const [first, second] = firstOption === -1 ? words : words.slice(0, firstOption)
  const command = commands.find(({ name }) => name === first || name === `${first} ${second ?? ''}`)
  return { command, group: groups.find(({ name }) => name === first) }
}
