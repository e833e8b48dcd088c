import { rmSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isTemporaryName, isWriterAlive } from './temporary-name.ts'

const files = new Set<string>()
let watching = false

/**
 * Removes `file` should the process exit before the returned function is called: on `process.exit` and uncaught
 * errors nothing asynchronous runs any more. Signals that kill at once are out of reach: see `sweepFolder`.
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

const dayMs = 24 * 60 * 60 * 1000
const remembered = 10_000
const swept = new Set<string>()

/**
 * Removes temporary files and folders of writers that were killed: those of this machine at once, those of other machines
 * (a shared disk) a day after their last byte. Does so once per folder and process, and never fails. Should a writer live on
 * after all, it finds its file gone and rejects; nothing else is harmed.
 */
export async function sweepFolder(folder: string): Promise<void> {
  if (swept.has(folder)) return
  if (swept.size >= remembered) swept.clear()
  swept.add(folder)
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter(isTemporaryName)) {
    const file = join(folder, name)
    if (await isAbandoned(file, name)) await rm(file, { recursive: true }).catch(() => undefined)
  }
}

async function isAbandoned(file: string, name: string): Promise<boolean> {
  const isAlive = isWriterAlive(name)
  if (isAlive !== undefined) return !isAlive
  const state = await lstat(file).catch(() => undefined)
  return state !== undefined && Date.now() - state.mtimeMs > dayMs
}
