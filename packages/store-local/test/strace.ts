import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const writer = join(import.meta.dirname, 'write-once.ts')

/** One system call of the thread that does the files. */
export interface SystemCall {
  readonly name: string
  /** Which one it is among the calls of this name, from 1: strace's `when`. */
  readonly when: number
  /** Its arguments, with paths in place of file descriptors. */
  readonly text: string
}

export interface Traced {
  readonly calls: readonly SystemCall[]
  readonly signal: string | null
  /** What the operation said, or undefined when the process was killed before. */
  readonly outcome: { readonly code: string; readonly message: string } | undefined
}

/** Makes sure that strace is there: installs it where that is possible, else says what to do. */
export function requireStrace(): void {
  try {
    execFileSync('strace', ['--version'], { stdio: 'ignore' })
    return
  } catch {
    if (process.getuid?.() !== 0) {
      throw new Error(
        'these tests need strace: install it (Debian, Ubuntu: apt-get install strace)',
      )
    }
  }
  const options = {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const
  const script = 'apt-get update && apt-get install --yes --no-install-recommends strace'
  try {
    // One at a time: apt-get refuses to run beside itself.
    execFileSync('flock', ['/run/lock/prefect-ts-apt', 'sh', '-c', script], options)
  } catch (error) {
    throw new Error('these tests need strace, and apt-get install strace failed', { cause: error })
  }
}

/**
 * Runs one operation of `write-once.ts` under strace with the given injections (`fsync:error=EIO:when=1`). One thread
 * does the files, since `when` counts per thread, and strace comes when all is loaded, so it counts nothing else.
 */
export async function traceOperation(
  folder: string,
  operation: string,
  options: { size?: number; content?: number; inject?: string } = {},
): Promise<Traced> {
  const { size = 10_240, content = 1, inject } = options
  const log = `${folder}.log`
  const command = [
    '-C',
    '@prefect-ts/source',
    writer,
    folder,
    operation,
    String(size),
    String(content),
  ]
  const child = spawn(process.execPath, command, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  })
  const exited = once(child, 'exit')
  let output = ''
  try {
    const [ready] = await Promise.race([once(child.stdout, 'data'), failure(child, 'the writer')])
    const paths = pathsFrom(String(ready), folder)
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const injection = inject === undefined ? [] : ['-e', `inject=${inject}`]
    const filter = ['-e', 'trace=file,desc', '-e', 'signal=none', ...injection, ...paths]
    const strace = spawn('strace', ['-f', '-y', '-o', log, ...filter, '-p', String(child.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const traced = once(strace, 'exit')
    await Promise.race([once(strace.stderr, 'data'), failure(strace, 'strace')])
    strace.stderr.resume()
    child.stdin.end('go')
    const [, signal] = (await exited) as [number | null, string | null]
    await traced
    const outcome =
      output === '' ? undefined : (JSON.parse(output) as { code: string; message: string })
    return { calls: await readCalls(log), signal, outcome }
  } finally {
    child.kill('SIGKILL')
  }
}

/** The filter for the target, its temporary file and the folders above them: `when` counts calls on these only. */
function pathsFrom(ready: string, folder: string): string[] {
  const { target, temporary } = JSON.parse(ready) as { target: string; temporary: string }
  const paths = [target, temporary, folder]
  for (let above = dirname(target); above.length > folder.length; above = dirname(above))
    paths.push(above)
  return paths.flatMap((path) => ['-P', path])
}

async function failure(child: ChildProcess, name: string): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  throw new Error(`${name} ended early (${code ?? signal})`)
}

async function readCalls(log: string): Promise<SystemCall[]> {
  const lines = (await readFile(log, 'utf8')).split('\n')
  const counts = new Map<string, number>()
  const calls: SystemCall[] = []
  for (const line of lines) {
    const [, thread = '', name = '', text = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? []
    const when = (counts.get(`${thread} ${name}`) ?? 0) + 1
    counts.set(`${thread} ${name}`, when)
    if (name !== '' && !name.startsWith('readlink')) calls.push({ name, when, text })
  }
  return calls
}
