import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

/** Runs a Python script of this folder with the project's interpreter and gives what it printed. */
export async function runPython(script: string, ...args: string[]): Promise<string> {
  const file = join(import.meta.dirname, script)
  const python = join(root, '.venv/bin/python')
  const { stdout } = await run(python, [file, ...args], { cwd: root, maxBuffer: 1 << 26 })
  return stdout
}
