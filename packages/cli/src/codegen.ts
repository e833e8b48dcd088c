import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { generateWorkspaceTypes } from '@prefect-ts/blocks/codegen'
import type { CommandContext } from './command.ts'
import { CommandError, exitCodes } from './errors.ts'

/** `codegen`: writes the types of the live workspace, or with `--check` compares them with the file. */
export async function run(context: CommandContext): Promise<number | void> {
  const { output, signal, cwd } = context
  const file = resolve(cwd, context.arguments[0] ?? 'prefect-workspace.ts')
  const client = await context.client()
  const text = await generateWorkspaceTypes({ client, signal })
  if (!context.flag('check')) {
    writeFileSync(file, text)
    output.print(file)
    return
  }
  let current
  try {
    current = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(
      `${file} can't be read (${(error as NodeJS.ErrnoException).code}): run codegen`,
    )
  }
  if (current === text) return
  output.note(
    `${file} is not what ${client.apiUrl} has now: run codegen, and look at the difference`,
  )
  return exitCodes.no
}
