import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import type { StoreDriver } from './driver.ts'
import { machine } from './temporary-name.ts'

// No upload of another container, whose process we can't see, takes so long.
const weekMs = 7 * 24 * 60 * 60 * 1000

/** An upload under way, as the journal holds it. */
export interface JournalRecord {
  readonly url: string
  readonly server?: string | undefined
  readonly key: string
  /** Absent when the process ended before it knew. */
  readonly id?: string | undefined
  /** Milliseconds since 1970, by this machine's clock. */
  readonly startedAt: number
  readonly host: string
  /** Tells apart containers of one host name, which do not see each other's processes. */
  readonly machine?: string | undefined
  readonly pid: number
  /** Tells a process from a later one of the same pid; empty where the system does not say. */
  readonly processStart: string
}

/** One upload's line in the journal. */
export interface JournalEntry {
  begun(id: string): Promise<void>
  close(): Promise<void>
}

/** An entry that some process has made. */
export interface FoundEntry extends JournalEntry {
  readonly record: JournalRecord
  /** Whether its process still runs. */
  readonly isAlive: boolean
}

/** What tells stores apart. */
export type JournalPlace = Pick<StoreDriver, 'url' | 'server'>

/** Which uploads are under way on this machine, so that those of crashed processes can be aborted. */
export interface UploadJournal {
  open(place: JournalPlace, key: string): Promise<JournalEntry | undefined>
  /** All uploads of a store, by this machine and user. */
  read(place: JournalPlace): Promise<readonly FoundEntry[]>
}

/** `$XDG_STATE_HOME/prefect-ts/uploads`, else below `~/.local/state`. */
export function journalFolder(): string {
  const state = process.env['XDG_STATE_HOME']
  return join(
    state?.startsWith('/') === true ? state : join(homedir(), '.local/state'),
    'prefect-ts/uploads',
  )
}

/** The journal in a folder, which is made on first use, for its owner only. */
export function createUploadJournal(folder: string = journalFolder()): UploadJournal {
  return {
    async open({ url, server }, key) {
      const { pid } = process
      const file = join(folder, `${pid}-${randomUUID()}.json`)
      const record = {
        url,
        server,
        key,
        startedAt: Date.now(),
        host: hostname(),
        machine: machine(),
        pid,
        processStart: startOf(pid),
      }
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await save(file, record)
      } catch {
        // A machine where nothing can be kept uploads all the same; a bucket rule cleans up after it.
        return undefined
      }
      return entryOf(file, record)
    },
    async read({ url, server }) {
      const found: FoundEntry[] = []
      for (const name of await readdir(folder).catch(() => [])) {
        if (!/\.json(\.tmp)?$/.test(name)) continue
        const file = join(folder, name)
        const record = parse(await readFile(file, 'utf8').catch(() => ''))
        // A kill between two steps of a save leaves the next record, or nothing, under the temporary name.
        if (record === undefined) await removeTorn(file, Number.parseInt(name, 10))
        if (record?.url !== url || record.server !== server || record.host !== hostname()) continue
        found.push({ record, isAlive: isAlive(record), ...entryOf(file, record) })
      }
      return found
    },
  }
}

function entryOf(file: string, record: JournalRecord): JournalEntry {
  return {
    // A sweep finds the upload by its key when this could not be written.
    begun: (id) => save(file, { ...record, id }).catch(() => undefined),
    close: () => rm(file, { force: true }).catch(() => undefined),
  }
}

// By rename: a crash in the middle must not cost the id.
async function save(file: string, record: JournalRecord): Promise<void> {
  const temporary = `${file}.tmp`
  await writeFile(temporary, JSON.stringify(record), { mode: 0o600 })
  await rename(temporary, file)
}

/** Removes what is no record, unless its process may be about to make it one. */
async function removeTorn(file: string, pid: number): Promise<void> {
  if (!isRunning(pid)) await rm(file, { force: true })
}

function parse(text: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isRecord = typeof value === 'object' && value !== null && 'key' in value && 'pid' in value
    return isRecord ? (value as JournalRecord) : undefined
  } catch {
    return undefined
  }
}

function isAlive({ pid, processStart, machine: of, startedAt }: JournalRecord): boolean {
  if (of !== undefined && of !== machine()) return Date.now() - startedAt < weekMs
  return isRunning(pid) && startOf(pid) === processStart
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** When a process started, in ticks since boot (proc(5), field 22). */
function startOf(pid: number): string {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
