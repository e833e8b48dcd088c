import { rmSync } from 'node:fs'

const files = new Set<string>()
let watching = false

/**
 * Removes `file` should the process exit before the returned function is called: on `process.exit` and uncaught
 * errors nothing asynchronous runs any more. Signals that kill at once are out of reach.
 */
export function removeOnExit(file: string): () => void {
  if (!watching) process.on('exit', removeAll)
  watching = true
  files.add(file)
  return () => files.delete(file)
}

function removeAll(): void {
  for (const file of files) {
    try {
      rmSync(file, { force: true })
    } catch {
      // Nobody is left to be told.
    }
  }
}
