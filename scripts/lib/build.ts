import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prefect-server.ts'
import { spawnGroup } from './script.ts'

/** Runs turbo tasks over the packages, from its cache where nothing changed. Throws with their output when one fails. */
export async function runTurbo(signal: AbortSignal, ...tasks: string[]): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  // Through pnpm, or turbo does not find its package manager.
  const turbo = ['npx', '-y', manifest.packageManager, '--silent', 'exec', 'turbo', 'run']
  const child = spawnGroup(signal, [...turbo, ...tasks, '--output-logs=errors-only'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => output.push(chunk))
  }
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (status !== 0) throw new Error(Buffer.concat(output).toString('utf8').trim())
}
