import { listBlocks, type BlockSummary } from '@prefect-ts/blocks'
import type { CommandContext } from './command.ts'

/** `blocks ls`: the named blocks, by type and name. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  const [types, capabilities] = [context.values('type'), context.values('capability')]
  const blocks: BlockSummary[] = []
  const options = {
    client: await context.client(),
    type: types.length > 0 ? types : undefined,
    name: context.value('name'),
    capability: capabilities.length > 0 ? capabilities : undefined,
    signal,
  }
  for await (const block of listBlocks(options)) blocks.push(block)
  if (output.json) {
    output.printJson(blocks)
    return
  }
  if (blocks.length === 0) output.note('There are no such blocks.')
  output.printTable(
    [{ title: 'block', whole: true }, { title: 'capabilities' }, { title: 'updated', whole: true }],
    blocks.map((block) => [
      block.reference,
      block.capabilities.join(', '),
      { text: block.updated?.toISOString().slice(0, 16).replace('T', ' ') ?? '', style: 'dim' },
    ]),
  )
}
