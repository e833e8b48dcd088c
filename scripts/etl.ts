// just etl [day …]: build, a Prefect server, and the example flow.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { runTurbo } from './lib/build.ts'
import { resolveEnvironment } from './lib/environment.ts'
import { cleanEnvironment, root, venv } from './lib/prefect-server.ts'
import { onInterrupt, runScript } from './lib/script.ts'
import { step } from './lib/step.ts'
import { ensureServer } from './server.ts'

const defaultDays = ['2013-01-01', '2013-01-02', '2013-01-03']

await runScript(async (signal) => {
  const given = process.argv.slice(2).map(checkDay)
  const environment = resolveEnvironment()
  await step('build', () => runTurbo(signal, 'build'))
  const { apiUrl, started } = await step('Prefect server', () => ensureServer(environment, signal))
  try {
    const exitCode = await runFlow(signal, given.length === 0 ? defaultDays : given, {
      PREFECT_API_URL: apiUrl,
      PREFECT_HOME: environment.home,
      PREFECT_TS_DATA_DIRECTORY: environment.dataDirectory,
    })
    if (started && exitCode === 0) {
      console.error('The server ran for this run only: `just launch` starts it again for the link.')
    }
    return exitCode
  } finally {
    await started?.stop()
  }
})

/** A day that the data has, or an error. */
function checkDay(text: string): string {
  const date = new Date(`${text}T00:00:00Z`)
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) {
    throw new Error(`just etl: "${text}" is not a date like 2013-02-10.`)
  }
  if (date.getUTCFullYear() !== 2013) {
    throw new Error(`just etl: ${text} has no flights, the data is of 2013.`)
  }
  return text
}

/** Runs the flow on the days. On an interrupt it ends by the signal's name, and its job with it. */
function runFlow(
  signal: AbortSignal,
  days: string[],
  env: Record<string, string>,
): Promise<number> {
  const program = join(venv, 'bin/python')
  const flow = spawn(program, ['apps/etl-job/flow/main.py', ...days], {
    cwd: root,
    stdio: 'inherit',
    // A group of its own: Ctrl-C in a terminal would reach it twice.
    detached: true,
    env: cleanEnvironment({
      ...env,
      PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL: 'CRITICAL',
      PYTHONDONTWRITEBYTECODE: '1',
    }),
  })
  onInterrupt(signal, (name) => flow.kill(name))
  return new Promise((resolve, reject) => {
    flow.once('error', reject)
    flow.once('exit', (code) => resolve(code ?? 1))
  })
}
