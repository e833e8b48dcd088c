import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prefect-server.ts'
import { collectOutput } from './script.ts'

/** Builds the packages, from turbo's cache where nothing changed. Throws with the output when one fails. */
export async function buildPackages(signal: AbortSignal): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  // Through pnpm, or turbo does not find its package manager.
  const pnpm = ['npx', '-y', manifest.packageManager, '--silent']
  const command = [...pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only']
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const { exitCode, output } = await collectOutput(signal, command, { cwd: root, env })
  if (exitCode !== 0) throw new Error(output)
}
