import { spawn } from 'node:child_process'
import { cleanEnvironment, root } from '../../../scripts/lib/prefect-server.ts'

export interface Finished {
  exitCode: number | null
  /** stdout and stderr. */
  output: string
}

/** What a `just` task runs, as in a shell of its own. */
export function runTask(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const database = process.env['PREFECT_TS_TEST_DATABASE']
  const child = spawn(process.execPath, ['-C', '@prefect-ts/source', script, ...args], {
    cwd: root,
    env: cleanEnvironment({
      ...(database === undefined ? {} : { PREFECT_TS_TEST_DATABASE: database }),
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode) => setTimeout(() => resolve({ exitCode, output }), 50))
  })
}
