import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import {
  cleanEnvironment,
  stopProcess,
  venv as projectVenv,
} from '../../../../scripts/lib/prefect-server.ts'

// That of the server's own version, when another one is tested.
const venv = process.env['PREFECT_TS_TEST_VENV'] || projectVenv

/** A Python process with a Prefect home of its own, on the server of the tests. */
export function startPython(command: string, args: string[]): { stop: () => Promise<void> } {
  const home = mkdtempSync(join(tmpdir(), 'prefect-ts-functions-'))
  const child: ChildProcess = spawn(join(venv, 'bin', command), args, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', process.env['DEBUG_PYTHON'] ? 'inherit' : 'ignore'],
    env: cleanEnvironment({
      PREFECT_HOME: home,
      PREFECT_API_URL: inject('prefectApiUrl'),
      PREFECT_RUNNER_POLL_FREQUENCY: '1',
      PREFECT_WORKER_QUERY_SECONDS: '1',
      PATH: `${join(venv, 'bin')}:${process.env['PATH']}`,
    }),
  })
  return {
    async stop() {
      await stopProcess(child.pid)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
