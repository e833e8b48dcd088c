import type { CommandContext } from './command.ts'
import { exitCodes } from './errors.ts'
import { printFinding, type Finding } from './findings.ts'

/** `doctor`: checks, each with what it found and what to do. Ends with 3 when there is a problem. */
export async function run(context: CommandContext): Promise<number> {
  const { output } = context
  const findings: Finding[] = []
  const take = async (checks: AsyncIterable<Finding>): Promise<boolean> => {
    let fine = true
    for await (const finding of checks) {
      findings.push(finding)
      printFinding(output, finding)
      if (finding.status === 'problem') fine = false
    }
    return fine
  }
  const job = context.value('job')
  if (job !== undefined) {
    const { checkJob } = await import('./doctor-job.ts')
    await take(checkJob(context, job))
  }
  const { checkServer } = await import('./doctor-server.ts')
  const reachable = await take(checkServer(context))
  for (const reference of reachable ? context.values('block') : []) {
    const { checkBlock } = await import('./doctor-block.ts')
    await take(checkBlock(context, reference))
  }
  const problems = findings.filter(({ status }) => status === 'problem').length
  if (output.json) output.printJson({ ok: problems === 0, findings })
  else if (problems > 0) {
    output.print(`\n${problems === 1 ? 'One problem' : `${problems} problems`} found.`)
  }
  return problems === 0 ? exitCodes.done : exitCodes.no
}
