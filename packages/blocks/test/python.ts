import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inject } from 'vitest'

/** Runs `fixtures/<script>` in the project's Python, against the server of the test run; the JSON that it prints. */
export async function runPython<Answer>(
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Answer> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-blocks-'))
  const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url))
  const path = fileURLToPath(new URL(`fixtures/${script}`, import.meta.url))
  const ours = { PREFECT_API_URL: inject('prefectApiUrl'), PREFECT_HOME: home, ...env }
  try {
    const running = promisify(execFile)(python, [path, ...args], {
      env: { ...process.env, ...ours },
      maxBuffer: 64 * 1024 * 1024,
    })
    running.child.stdin?.end(input)
    const { stdout } = await running
    return JSON.parse(stdout) as Answer
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
