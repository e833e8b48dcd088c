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

/** What the commands on datasets take. */
const datasetOptions: readonly CommandOption[] = [
  {
    name: 'block',
    value: 'slug/name',
    help: 'Its store; else PREFECT_DATA_BLOCK_LOCAL or _REMOTE',
  },
  { name: 'type', value: 'type', help: 'extracts, reports or images' },
  { name: 'format', value: 'format', help: 'Else looked up in the store' },
  { name: 'compression', value: 'name', help: 'gzip or zstd' },
  { name: 'rundate', value: 'day', help: 'That day, not latest' },
  { name: 'partition', value: 'key=value', multiple: true, help: 'Value of a further key' },
]
const [blockOption, typeOption] = datasetOptions as readonly [CommandOption, CommandOption]

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
    summary: 'Check settings and server, a block, a job',
    arguments: [],
    options: [
      {
        name: 'block',
        value: 'slug/name',
        multiple: true,
        help: 'Load it, and try a store with a probe',
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
      { name: 'name', value: 'pattern', help: 'Only names like this: * and ? stand for text' },
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
    name: 'blocks drift',
    summary: 'Compare blocks with the schemas of their types',
    arguments: ['[slug/name]'],
    options: [],
    examples: [['blocks drift', 'every block; what differs is named field by field']],
    details: 'Ends with 3 when something differs.',
    load: () => import('./blocks-drift.ts'),
  },
  {
    name: 'datasets ls',
    summary: 'List the datasets of a store',
    arguments: [],
    options: [blockOption, typeOption],
    examples: [['datasets ls --block s3-bucket/willowdata', 'with files, size and days']],
    load: () => import('./datasets-ls.ts'),
  },
  {
    name: 'datasets show',
    summary: 'Show what is known of a dataset, and of its latest',
    arguments: ['<name>'],
    options: datasetOptions,
    examples: [
      ['datasets show flights', 'the latest'],
      ['datasets show flights --rundate 2013-01-01', 'one day'],
    ],
    load: () => import('./datasets-show.ts'),
  },
  {
    name: 'datasets partitions',
    summary: 'List the dated files of a dataset',
    arguments: ['<name>'],
    options: [
      ...datasetOptions,
      { name: 'from', value: 'day', help: 'The first day wanted' },
      { name: 'to', value: 'day', help: 'The last day wanted' },
    ],
    examples: [['datasets partitions flights --from 2013-01-01', 'by day']],
    load: () => import('./datasets-partitions.ts'),
  },
  {
    name: 'datasets head',
    summary: 'Show the first rows: csv, ndjson or parquet',
    arguments: ['<name>'],
    options: [...datasetOptions, { name: 'rows', value: 'count', help: 'How many (10)' }],
    examples: [['datasets head flights --rows 3 --json', 'one JSON object a line']],
    load: () => import('./datasets-head.ts'),
  },
  {
    name: 'datasets cat',
    summary: 'Print the file of a dataset as it is',
    arguments: ['<name>'],
    options: datasetOptions,
    examples: [['datasets cat flights | head', 'the first lines of latest']],
    load: () => import('./datasets-cat.ts'),
  },
  {
    name: 'datasets cp',
    summary: 'Copy a dataset to a file, or a file to a dataset',
    arguments: ['<from>', '<to>'],
    options: datasetOptions,
    examples: [
      ['datasets cp dataset=flights flights.csv', 'latest to a file, whole or not at all'],
      ['datasets cp a.csv dataset=flights --format csv --rundate 2013-01-01', 'and back'],
    ],
    details: 'A dataset is written dataset=name. A progress bar goes to stderr.',
    load: () => import('./datasets-cp.ts'),
  },
  {
    name: 'datasets rm',
    summary: 'Delete one day of a dataset; latest stays',
    arguments: ['<name>'],
    options: [...datasetOptions, { name: 'yes', help: 'Do not ask' }],
    examples: [['datasets rm flights --rundate 2013-01-01', 'asks first']],
    load: () => import('./datasets-rm.ts'),
  },
  {
    name: 'datasets query',
    summary: 'Print what reads all days in another tool',
    arguments: ['<name>'],
    options: [
      ...datasetOptions,
      { name: 'for', value: 'tool', help: 'duckdb (default), polars or pyarrow' },
    ],
    examples: [['datasets query flights --for polars', 'with the glob that leaves latest out']],
    load: () => import('./datasets-query.ts'),
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
  {
    name: 'codegen',
    summary: 'Write types of blocks, deployments and variables',
    arguments: ['[file]'],
    options: [{ name: 'check', help: 'Write nothing; end with 3 when the file differs' }],
    examples: [
      ['codegen src/prefect-workspace.ts', 'so that editors offer the names of blocks'],
      ['codegen src/prefect-workspace.ts --check', 'in CI'],
    ],
    load: () => import('./codegen.ts'),
  },
  {
    name: 'init',
    summary: 'Write a new job, its tests and its flow',
    arguments: ['<folder>'],
    options: [],
    examples: [
      ['init add-up', 'into the new folder add-up'],
      ['init jobs/add-up --json', 'and print which files, as JSON'],
    ],
    details: "Asks nothing. The folder must be new or empty; its name is the job's name.",
    load: () => import('./init.ts'),
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
