import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prefect-server.ts'

/** Runs turbo tasks over the packages, from its cache where nothing changed. Exits with their output when one fails. */
export function runTurbo(...tasks: string[]): void {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  // Through pnpm, or turbo does not find its package manager.
  const args = ['-y', manifest.packageManager, '--silent', 'exec', 'turbo', 'run', ...tasks]
  const result = spawnSync('npx', [...args, '--output-logs=errors-only'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  })
  if (result.status === 0) return
  process.stderr.write(`\n${result.stdout}${result.stderr}`)
  process.exit(result.status ?? 1)
}
