import type { CommandContext } from './command.ts'

/** `blocks ls`. */
export async function run(context: CommandContext): Promise<void> {
  const { output, signal } = context
  void output
  void signal
}
