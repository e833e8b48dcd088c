const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** What ends a script early: Ctrl-C, SIGTERM, a closed terminal. */
export type Interrupt = keyof typeof exitCodes

/**
 * Runs a script as the whole of this process and exits. An interrupt only aborts `signal`, with its name as the
 * reason: `work` cleans up and returns. What `work` throws is shown as one message.
 */
export async function runScript(work: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const controller = new AbortController()
  const { signal } = controller
  for (const name of Object.keys(exitCodes)) process.on(name, () => controller.abort(name))
  let exitCode = 1
  try {
    exitCode = await work(signal)
  } catch (error) {
    if (!signal.aborted) console.error(error instanceof Error ? error.message : error)
  }
  process.exit(signal.aborted ? exitCodes[signal.reason as Interrupt] : exitCode)
}

/** Rejects once `signal` is aborted. */
export function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(new Error('interrupted'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
