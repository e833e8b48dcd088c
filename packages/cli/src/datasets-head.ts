import { readRows, type Row, type RowCodec } from '@prefect-ts/dataset'
import type { CommandContext } from './command.ts'
import { datasetOf } from './datasets.ts'
import { CommandError, UsageError } from './errors.ts'
import { openContextStore } from './stores.ts'

/** `datasets head`: the first rows as a table. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const count = Number(context.value('rows') ?? 10)
  if (!Number.isSafeInteger(count) || count < 1) throw new UsageError('--rows is not a number')
  const store = await openContextStore(context)
  const dataset = await datasetOf(context, store, context.arguments[0] ?? '')
  const codec = await codecOf(dataset.format)
  const rows: Row[] = []
  for await (const row of readRows(store, dataset, { codec, signal })) {
    if (rows.push(row) === count) break
  }
  if (output.json) {
    for (const row of rows) output.print(toJson(row) ?? '')
    return
  }
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  output.printTable(
    names.map((title) => ({ title, right: rows.some((row) => typeof row[title] === 'number') })),
    rows.map((row) => names.map((name) => toText(row[name]))),
  )
}

async function codecOf(format: string): Promise<RowCodec> {
  if (format === 'csv') return (await import('@prefect-ts/dataset/csv')).csv()
  if (format === 'ndjson') return (await import('@prefect-ts/dataset/ndjson')).ndjson()
  if (format === 'parquet') return (await import('@prefect-ts/dataset/parquet')).parquet()
  throw new CommandError(
    `Rows of the format "${format}" can't be read; \`prefect-ts datasets cat\` prints the file`,
  )
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? value : (toJson(value) ?? '')
}

function toJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? String(each) : each,
  )
}
