import { createClient } from '@prefect-ts/api'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import { cleanEnvironment, venv } from '../../../scripts/lib/prefect-server.ts'

export const python: string = join(venv, 'bin/python')
/** The built job. */
export const job: string = join(import.meta.dirname, '../dist/main.js')

/** One line for `fixtures/flows.py`, which says what the fields do. */
export interface FlowRequest {
  rundates?: readonly string[]
  params?: Readonly<Record<string, unknown>>
  options?: Readonly<Record<string, unknown>>
  blocks?: Readonly<Record<string, string>>
  secrets?: Readonly<Record<string, string>>
  protocol?: number
  folders?: readonly string[]
}

/** What became of a flow run: its state on the server, and what its process left behind. */
export interface FlowRun {
  id: string
  state: string | null | undefined
  message: string | null | undefined
  result: unknown
  files: Record<string, string[]>
  /** Names of what lies in TMPDIR. */
  temporary: string[]
}

export interface Flows {
  run(request: FlowRequest): Promise<FlowRun>
  stop(): Promise<void>
}

/** The environment of a flow process or a job, without any setting of the caller's shell. */
export function environment(extra: Record<string, string>): Record<string, string> {
  const { NODE_OPTIONS: _, ...inherited } = cleanEnvironment(extra)
  // The job needs the Node of this test, not an older one on PATH.
  return {
    ...inherited,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    // As in vitest.config.ts.
    PREFECT_API_REQUEST_TIMEOUT: '150',
  }
}

/** Starts a Python process that runs one flow after another; its Prefect home and TMPDIR are in `folder`. */
export async function startFlows(
  folder: string,
  env: Record<string, string> = {},
  prefix: readonly string[] = [],
): Promise<Flows> {
  if (!existsSync(job)) throw new Error('The job is not built: run `just build` first.')
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary, { recursive: true })
  const client = createClient({ apiUrl: inject('prefectApiUrl') })
  const command = [python, join(import.meta.dirname, 'fixtures/flows.py')]
  // `env` runs a command as it is: there may be no prefix.
  const child = spawn('env', [...prefix, ...command], {
    cwd: folder,
    env: environment({
      PREFECT_API_URL: client.apiUrl,
      PREFECT_HOME: join(folder, 'home'),
      PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL: 'CRITICAL',
      TMPDIR: temporary,
      ...env,
    }),
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const readLine = async (): Promise<string> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`flows.py ended:\n${errors}`)
    return line.value
  }
  await readLine()
  return {
    async run(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const answer = JSON.parse(await readLine()) as Omit<FlowRun, 'state' | 'message'>
      const { state } = await client.get('/flow_runs/{id}', { path: { id: answer.id } })
      return { ...answer, state: state?.type, message: state?.message }
    },
    async stop() {
      child.stdin.end()
      await exit
      await client.close()
    },
  }
}
