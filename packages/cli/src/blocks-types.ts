import type { CommandContext } from './command.ts'

/** `blocks types`. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const client = await context.client()
  const capabilities = context.values('capability')
  const rows: { slug: string; name: string; description: string }[] = []
  const filter =
    capabilities.length === 0
      ? {}
      : { block_schemas: { block_capabilities: { all_: [...capabilities] } } }
  const types = client.paginate('/block_types/filter', { body: filter, signal })
  for await (const { slug, name, description } of types) {
    rows.push({ slug, name, description: (description ?? '').replaceAll(/\s+/g, ' ') })
  }
  rows.sort((one, other) => (one.slug < other.slug ? -1 : 1))
  if (output.json) output.printJson(rows)
  else {
    output.printTable(
      [{ title: 'type', whole: true }, { title: 'name' }, { title: 'description' }],
      rows.map(({ slug, name, description }) => [slug, name, description]),
    )
  }
}
