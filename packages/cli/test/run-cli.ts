import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { venv } from '../../../scripts/lib/prefect-server.ts'

const bin = join(import.meta.dirname, '../src/bin.ts')
const node = [process.execPath, '-C', '@prefect-ts/source', bin]
const terminal = join(import.meta.dirname, 'terminal.py')

export interface Finished {
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** Environment beside PATH and HOME. */
  env?: Record<string, string>
  cwd?: string
}

/** Runs the command line with pipes, as a script does. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return finish([...node, ...args], options)
}

/** Runs it in a real pseudo-terminal. What it prints has the terminal's line ends made plain. */
export async function runInTerminal(
  args: readonly string[],
  columns: number,
  options: RunOptions & { interruptAt?: string } = {},
): Promise<Finished> {
  const { interruptAt, ...rest } = options
  const interrupt = interruptAt === undefined ? [] : ['--interrupt-at', interruptAt]
  const python = [join(venv, 'bin/python'), terminal, String(columns), ...interrupt, '--']
  const finished = await finish([...python, ...node, ...args], rest)
  return { ...finished, stdout: finished.stdout.replaceAll('\r\n', '\n') }
}

async function finish(
  [program = '', ...args]: readonly string[],
  { env = {}, cwd }: RunOptions,
): Promise<Finished> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, {
    cwd,
    env: { PATH, HOME, TERM: 'xterm-256color', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk))
  }
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ ...output, exitCode }))
  })
}
