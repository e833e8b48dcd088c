const intervalMs = 250

/**
 * Calls `onDeath` once when the job's parent is no longer `parentProcessId`: the flow process was killed and
 * can no longer stop this one. Polls, because Node has no signal for it. Returns a function that stops watching.
 */
export function watchParent(parentProcessId: number, onDeath: () => void): () => void {
  const check = (): void => {
    if (process.ppid === parentProcessId) return
    clearInterval(timer)
    onDeath()
  }
  const timer = setInterval(check, intervalMs).unref()
  check()
  return () => clearInterval(timer)
}
