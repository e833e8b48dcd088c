import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { cleanEnvironment, root, runPython, venv } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

const cli = [process.execPath, join(root, 'packages/cli/dist/bin.js')]
const prefect = join(venv, 'bin/prefect')

/** The built command line against bare Node and against Prefect's own, on one server with one block. */
export async function cliBench(apiUrl: string): Promise<void> {
  const env = { PREFECT_API_URL: apiUrl }
  runPython([join(root, 'bench/contenders/save_block.py')], env)
  const contenders = [
    { name: 'bare node', command: [process.execPath, '-e', 'console.log(1)'], env, expect: '1' },
    { name: 'prefect-ts --help', command: [...cli, '--help'], env, expect: 'Usage: prefect-ts' },
    { name: 'prefect-ts blocks ls', command: [...cli, 'blocks', 'ls'], env, expect: 's3-bucket/' },
    { name: 'prefect-ts doctor', command: [...cli, 'doctor'], env, expect: 'clock' },
    { name: 'prefect block ls', command: [prefect, 'block', 'ls'], env, expect: 's3-bucket' },
  ]
  const rows = await measure(contenders, 7)
  report('cli', 'Process start to end', rows, {
    node: process.versions.node,
    prefect: execFileSync(prefect, ['--version'], {
      env: cleanEnvironment(env),
      encoding: 'utf8',
    }).trim(),
  })
  const [, , ours, , theirs] = rows
  const times = (key: 'wallMs' | 'cpuMs'): string =>
    ((theirs?.[key].median ?? NaN) / (ours?.[key].median ?? NaN)).toFixed(1)
  console.log(`blocks ls: ${times('wallMs')} times as fast, ${times('cpuMs')} times by CPU time\n`)
}
