import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** How a script ends early: by Ctrl-C, or else by SIGTERM, which a closed terminal counts as. */
export type Interrupt = keyof typeof exitCodes

/**
 * Runs a script as the whole of this process and exits. An interrupt only aborts `signal`, with its name as the
 * reason: `work` cleans up and ends. What `work` throws is shown as one message.
 */
export async function runScript(work: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const controller = new AbortController()
  const { signal } = controller
  for (const name of Object.keys(exitCodes)) process.on(name, () => controller.abort(name))
  process.on('SIGHUP', () => controller.abort('SIGTERM'))
  let exitCode = 1
  try {
    exitCode = await work(signal)
  } catch (error) {
    if (!signal.aborted) console.error(error instanceof Error ? error.message : error)
  }
  process.exit(signal.aborted ? exitCodes[signal.reason as Interrupt] : exitCode)
}

/** Calls `end` on an interrupt, at once if there was one. */
export function onInterrupt(signal: AbortSignal, end: (name: Interrupt) => void): void {
  const listener = (): void => end(signal.reason as Interrupt)
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
}

/** Starts a command in a process group of its own, which an interrupt ends as a whole: a terminal would reach parts of it twice. */
export function spawnGroup(
  signal: AbortSignal,
  command: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const [program = '', ...args] = command
  const child = spawn(program, args, { ...options, detached: true })
  onInterrupt(signal, (name) => {
    if (child.pid === undefined || child.exitCode !== null) return
    try {
      process.kill(-child.pid, name)
    } catch {
      // It has just ended.
    }
  })
  return child
}

/** Runs a command as {@link spawnGroup} does, to its end, and gives its exit code and all that it printed. */
export async function collectOutput(
  signal: AbortSignal,
  command: readonly string[],
  options: SpawnOptions,
): Promise<{ exitCode: number | null; output: string }> {
  const child = spawnGroup(signal, command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { exitCode, output: Buffer.concat(chunks).toString('utf8').trim() }
}
