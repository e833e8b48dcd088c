import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CommandContext } from './command.ts'
import type { Finding } from './findings.ts'

/** What `--describe` prints as `params`, as far as it is shown. */
interface ParamsSchema {
  properties?: Record<string, unknown>
  required?: string[]
}

const floor = [22, 19] as const
const describeLimitMs = 30_000

// Whether a flow could start the job: bash, `exec node`, its version, and the params that it describes.
export async function* checkJob(context: CommandContext, file: string): AsyncGenerator<Finding> {
  const path = resolve(context.cwd, file)
  if (!existsSync(path)) {
    const advice = file.endsWith('.js') ? 'build the job, or correct the path' : 'correct the path'
    yield { status: 'problem', subject: 'job', message: `${path} does not exist`, advice }
    return
  }
  // As Prefect's ShellOperation starts it.
  const found = await execute(context, 'bash', ['-c', 'command -v node && exec node --version'])
  const [node = '', version = ''] = found.stdout.trim().split('\n')
  if (found.exitCode !== 0) {
    yield {
      status: 'problem',
      subject: 'node',
      message: `bash finds no node on PATH: ${found.stderr.trim().split('\n')[0] ?? ''}`,
      advice: "add node's folder to PATH, or give run_node(node=…)",
    }
    return
  }
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  if (major < floor[0] || (major === floor[0] && minor < floor[1])) {
    yield {
      status: 'problem',
      subject: 'node',
      message: `${node} is ${version}, below ${floor.join('.')}`,
      advice: 'install a newer one, or give run_node(node=…)',
    }
    return
  }
  yield { status: 'ok', subject: 'node', message: `${version}, ${node}` }
  yield await describeJob(context, path)
}

/** Asks the job for the schema of its params. */
async function describeJob(context: CommandContext, path: string): Promise<Finding> {
  const subject = 'params'
  const described = await execute(context, 'bash', ['-c', 'exec node "$0" --describe', path])
  if (described.exitCode !== 0) {
    return {
      status: 'problem',
      subject,
      message: `--describe ended with ${described.exitCode}: ${described.stderr.trim().split('\n').at(-1) ?? ''}`,
      advice: 'a job that calls runJob describes its params; run it with --describe to see why not',
    }
  }
  try {
    const { params } = JSON.parse(described.stdout) as { params: ParamsSchema | null }
    const names = Object.keys(params?.properties ?? {}).map((name) =>
      params?.required?.includes(name) ? name : `${name}?`,
    )
    const message = names.length === 0 ? 'none described' : names.join(', ')
    return { status: 'ok', subject, message }
  } catch {
    return {
      status: 'problem',
      subject,
      message: 'what --describe prints is not JSON',
      advice: 'print nothing to stdout before runJob',
    }
  }
}

async function execute(
  { signal, env, cwd }: CommandContext,
  command: string,
  args: string[],
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const limit = AbortSignal.timeout(describeLimitMs)
  const child = spawn(command, args, {
    cwd,
    env,
    signal: AbortSignal.any([signal, limit]),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      if (output[name].length < 1 << 20) output[name] += chunk
    })
  }
  return await new Promise((settle) => {
    child.once('error', (error) => settle({ ...output, stderr: error.message, exitCode: null }))
    child.once('close', (exitCode) => settle({ ...output, exitCode }))
  })
}
