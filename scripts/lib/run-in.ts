import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { environmentVariables, type Environment } from './environment.ts'
import { cleanEnvironment, root } from './prefect-server.ts'
import { onInterrupt } from './script.ts'

/**
 * Runs a command in the project's folder with the environment's variables and returns its exit code. An interrupt is
 * passed on once, to the command alone: it ends what it has started.
 */
export async function runIn(
  environment: Environment,
  signal: AbortSignal,
  command: readonly string[],
  variables: Record<string, string> = {},
): Promise<number> {
  const [program = '', ...args] = command
  if (!existsSync(program)) throw new Error(`${program} is missing: run \`just setup\`.`)
  const child = spawn(program, args, {
    cwd: root,
    env: cleanEnvironment({
      ...environmentVariables(environment),
      ...variables,
    }),
    stdio: 'inherit',
    // A group of its own: Ctrl-C in a terminal would reach it twice.
    detached: true,
  })
  onInterrupt(signal, (name) => child.kill(name))
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
