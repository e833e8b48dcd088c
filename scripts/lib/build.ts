import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prefect-server.ts'
import { collectOutput } from './script.ts'

/** Runs turbo tasks over the packages, from its cache where nothing changed. Throws with their output when one fails. */
export async function runTurbo(signal: AbortSignal, ...tasks: string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  // Through pnpm, or turbo does not find its package manager.
  const turbo = ['npx', '-y', manifest.packageManager, '--silent', 'exec', 'turbo', 'run']
  const command = [...turbo, ...tasks, '--output-logs=errors-only']
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const { exitCode, output } = await collectOutput(signal, command, { cwd: root, env })
  if (exitCode !== 0) throw new Error(output)
}
