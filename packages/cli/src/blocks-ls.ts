import type { CommandContext } from './command.ts'

/** `blocks ls`: the named blocks, by type and name. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const client = await context.client()
  const types = context.values('type')
  const capabilities = context.values('capability')
  const name = context.value('name')
  const documents = client.paginate('/block_documents/filter', {
    body: {
      include_secrets: false,
      block_documents: { is_anonymous: { eq_: false }, name: name ? { like_: name } : null },
      block_types: types.length > 0 ? { slug: { any_: [...types] } } : null,
      block_schemas:
        capabilities.length > 0 ? { block_capabilities: { all_: [...capabilities] } } : null,
    },
    signal,
  })
  const rows: { type: string; name: string; capabilities: string[]; updated: string }[] = []
  for await (const document of documents) {
    rows.push({
      type: document.block_type?.slug ?? '',
      name: document.name ?? '',
      capabilities: document.block_schema?.capabilities ?? [],
      updated: document.updated ?? '',
    })
  }
  rows.sort((one, other) => (`${one.type}/${one.name}` < `${other.type}/${other.name}` ? -1 : 1))
  if (output.json) {
    output.printJson(rows)
    return
  }
  if (rows.length === 0) output.note('There are no such blocks.')
  output.printTable(
    [{ title: 'block', whole: true }, { title: 'capabilities' }, { title: 'updated', whole: true }],
    rows.map((row) => [
      `${row.type}/${row.name}`,
      row.capabilities.join(', '),
      { text: row.updated.slice(0, 16).replace('T', ' '), style: 'dim' },
    ]),
  )
}
