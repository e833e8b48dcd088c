import { describeDrift, listBlocks, loadBlock } from '@prefect-ts/blocks'
import type { CommandContext } from './command.ts'
import { exitCodes } from './errors.ts'

/** `blocks drift`: a block, or all of them, compared with the server's schemas. Ends with 3 when something differs. */
export async function run(context: CommandContext): Promise<number> {
  const { output, signal } = context
  const client = await context.client()
  const references: string[] = []
  const [given] = context.arguments
  if (given === undefined) {
    for await (const { reference } of listBlocks({ client, signal })) references.push(reference)
  } else references.push(given)
  const reports = []
  for (const reference of references) {
    const block = await loadBlock(reference, { client, signal })
    const report = await describeDrift(block, { client, signal })
    reports.push(report)
    if (!output.json && (given !== undefined || report.drifts.length > 0)) output.print(report.text)
  }
  const differing = reports.filter(({ drifts }) => drifts.length > 0)
  if (output.json) output.printJson(reports)
  else if (differing.length === 0 && given === undefined) {
    output.print(`${reports.length} blocks are as the server's schemas say.`)
  }
  return differing.length === 0 ? exitCodes.done : exitCodes.no
}
