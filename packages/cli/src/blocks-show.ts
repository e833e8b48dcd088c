import { isSecret } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import { readBlock } from './stores.ts'

interface Row {
  field: string
  value: string
}

/** `blocks show`: the fields of a block, those of nested blocks below them; in JSON also those that are not set. */
export async function run(context: CommandContext): Promise<void> {
  const { output } = context
  const block = await readBlock(context, context.arguments[0] ?? '')
  if (output.json) {
    output.printJson(block)
    return
  }
  const rows = [...rowsOf(block.data, '')]
  output.printTable(
    [{ title: 'field', whole: true }, { title: 'value' }],
    rows.map(({ field, value }) => [field, value]),
  )
}

function* rowsOf(value: unknown, path: string): Generator<Row> {
  if (value === null || value === undefined) return
  if (isSecret(value) || typeof value !== 'object') {
    yield { field: path, value: `${value as string | number | boolean}` }
    return
  }
  const nested = nestedBlock(value)
  if (nested !== undefined) {
    yield { field: path, value: nested.label }
    yield* rowsOf(nested.data, path)
    return
  }
  const entries = Object.entries(value)
  if (entries.length === 0) {
    yield { field: path, value: Array.isArray(value) ? '[]' : '{}' }
    return
  }
  for (const [name, each] of entries) yield* rowsOf(each, path === '' ? name : `${path}.${name}`)
}

/** A nested block: `{ type, name, id, data }`. */
function nestedBlock(value: object): { label: string; data: unknown } | undefined {
  if (!('type' in value && 'data' in value && typeof value.type === 'string')) return undefined
  const name = 'name' in value && typeof value.name === 'string' ? `/${value.name}` : ''
  return { label: `(${value.type}${name})`, data: value.data }
}
