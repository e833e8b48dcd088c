import { rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

const intervalMs = 250
/** How long a job has once its parent died: a flow that still lives gives it about the same. */
const graceMs = 4_000

/** The flow process as its job knows it. */
export interface Parent {
  processId: number
  /** The hand-over folder: with the parent dead nobody else is left to remove it. */
  folder: string
}

/**
 * Calls `onDeath` once when the job's parent is no longer `parent`: the flow process was killed and can no longer
 * stop this one. Polls, because Node has no signal for it. A job that is still there 4 s later is killed, even one
 * whose event loop gets no turn. Returns a function that stops watching.
 */
export function watchParent(parent: Parent, onDeath: () => void): () => void {
  const check = (): void => {
    if (process.ppid === parent.processId) return
    clearInterval(timer)
    rmSync(parent.folder, { recursive: true, force: true })
    onDeath()
  }
  const timer = setInterval(check, intervalMs).unref()
  const guard = startGuard(parent)
  check()
  return () => {
    clearInterval(timer)
    void guard?.terminate()
  }
}

/** A thread of its own: while the job computes without a pause, only that gets to run. */
function startGuard(parent: Parent): Worker | undefined {
  const guard = `
    const { rmSync } = require('node:fs')
    const { workerData: parent } = require('node:worker_threads')
    const timer = setInterval(() => {
      if (process.ppid === parent.processId) return
      clearInterval(timer)
      setTimeout(() => {
        rmSync(parent.folder, { recursive: true, force: true })
        process.kill(process.pid, 'SIGKILL')
      }, ${graceMs})
    }, ${intervalMs})`
  try {
    const worker = new Worker(guard, { eval: true, execArgv: [], workerData: parent })
    worker.unref()
    // Without it a job still ends as soon as its event loop gets a turn.
    worker.on('error', () => {})
    return worker
  } catch {
    return undefined
  }
}
