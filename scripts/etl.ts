// just etl [day …]: build, a Prefect server, and the example flow.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { runTurbo } from './lib/build.ts'
import { resolveEnvironment } from './lib/environment.ts'
import { cleanEnvironment, root, venv } from './lib/prefect-server.ts'
import { step } from './lib/step.ts'
import { ensureServer } from './server.ts'

const environment = resolveEnvironment()
// Ctrl-C reaches the whole foreground group: the flow ends by it, this process waits and then stops its server.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => flow?.kill('SIGTERM'))
let flow: ReturnType<typeof spawn> | undefined

await step('build', () => runTurbo('build'))
const { apiUrl, started } = await step('Prefect server', () =>
  ensureServer(environment, { detached: true }),
)

let exitCode = 1
try {
  flow = spawn(join(venv, 'bin/python'), ['apps/etl-job/flow/main.py', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: cleanEnvironment({
      PREFECT_API_URL: apiUrl,
      PREFECT_HOME: environment.home,
      PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL: 'CRITICAL',
      PREFECT_TS_DATA_DIRECTORY: environment.dataDirectory,
      PYTHONDONTWRITEBYTECODE: '1',
    }),
  })
  exitCode = await new Promise<number>((resolve) => {
    flow?.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
} finally {
  await started?.stop()
}
if (started && exitCode === 0) {
  process.stderr.write(
    'The server was started for this run only: `just launch` starts it again for the link.\n',
  )
}
process.exit(exitCode)
