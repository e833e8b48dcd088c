import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface JobExit {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunningJob {
  child: ChildProcess
  /** Resolves once the job has printed `text` to stdout. */
  printed(text: string): Promise<void>
  exit: Promise<JobExit>
}

/** Starts a test job, from source, with a clean environment plus `env`. */
export function spawnJob(
  args: string[],
  env: Record<string, string> = {},
  job = 'job.ts',
): RunningJob {
  const file = join(import.meta.dirname, 'jobs', job)
  const child = spawn(process.execPath, ['--conditions=@prefect-ts/source', file, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: temporaryFolder(), ...env },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = new Promise<JobExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...output }))
  })
  const printed = async (text: string): Promise<void> => {
    while (!output.stdout.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The job ended: ${output.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return { child, printed, exit }
}

/** A context as the flow's side makes it, for this process as the flow. */
export function createContext(overrides: Record<string, unknown> = {}): {
  env: { PREFECT_TS_CONTEXT: string }
  folder: string
  resultFile: string
  readResult: () => unknown
} {
  const folder = temporaryFolder()
  const resultFile = join(folder, 'result.json')
  const context = {
    protocol: 1,
    params: {},
    flowRun: null,
    taskRun: null,
    deployment: null,
    timeZone: 'UTC',
    datastores: {},
    resultFile,
    parentProcessId: process.pid,
    ...overrides,
  }
  return {
    env: { PREFECT_TS_CONTEXT: JSON.stringify(context) },
    folder,
    resultFile,
    readResult: () => JSON.parse(readFileSync(resultFile, 'utf8')) as unknown,
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
