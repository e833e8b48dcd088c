import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import {
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, temporaryName } from '@prefect-ts/store/files'

/** The lock of one `latest` folder, held. */
export interface LatestLock {
  /** Whether it is still ours: false when another host took it over because it was not renewed in time. */
  isHeld(): Promise<boolean>
  /** Gives it back. Never fails. */
  release(): Promise<void>
}

/** Who holds a lock, as its file says: protocol/latest.md. */
export interface LockOwner {
  /** Boot and process namespace in which `pid` means something. */
  readonly host: string
  readonly pid: number
  /** When the process started, in the kernel's own count; `null` where the system does not tell. */
  readonly processStart: string | null
  /** Milliseconds without renewal after which another host may take the lock. */
  readonly expiresAfterMs: number
}

/** Options of `acquireLatestLock`. */
export interface AcquireLatestLockOptions {
  readonly signal: AbortSignal | undefined
  /** Milliseconds that one holder may keep us waiting. */
  readonly patienceMs?: number | undefined
}

/** Name of the lock, a folder beside the data that holds its owner's file. */
export const LOCK_NAME = '_latest.lock'
const EXPIRES_AFTER_MS = 30_000
const UNKNOWN_OWNER: LockOwner = {
  host: '',
  pid: 0,
  processStart: null,
  expiresAfterMs: EXPIRES_AFTER_MS,
}

/**
 * Takes the lock of a folder, waiting for its holder. `undefined` when one holder kept it for longer than `patienceMs`.
 *
 * The lock is a folder with one file, named by a random token, that was made elsewhere and renamed into place: the
 * system refuses that rename while the lock has a file in it. Release and takeover remove the file of one token, so a
 * takeover that comes late removes nothing (no file system can remove "this lock, if it is still that one").
 */
export async function acquireLatestLock(
  folder: string,
  options: AcquireLatestLockOptions,
): Promise<LatestLock | undefined> {
  const { signal, patienceMs = 300_000 } = options
  const lock = join(folder, LOCK_NAME)
  const token = randomBytes(8).toString('hex')
  // Left behind by a kill, it is swept as files are.
  const prepared = join(folder, temporaryName(LOCK_NAME))
  await mkdir(prepared, { recursive: true })
  try {
    const owner: LockOwner = { ...self(), expiresAfterMs: EXPIRES_AFTER_MS }
    const note = { version: 1, ...owner, acquiredAt: new Date().toISOString() }
    await writeFile(join(prepared, `${token}.json`), `${JSON.stringify(note)}\n`)
    let seen: Sighting | undefined
    for (;;) {
      signal?.throwIfAborted()
      try {
        await rename(prepared, lock)
        return hold(lock, token)
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) throw error
      }
      seen = await sight(lock, seen)
      if (seen !== undefined) {
        const { holder, owner: other } = seen
        const now = performance.now()
        if (isStale(other, { unchangedForMs: now - seen.renewed, isGone: isGone(other) })) {
          await unlink(join(lock, holder)).catch(ignoreAbsent)
          continue
        }
        if (now - seen.since > patienceMs) return undefined
      }
      await sleep(1 + Math.random() * 10, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await rm(prepared, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** A holder as a waiter knows it. Times are this process's own, so clocks of other hosts don't matter. */
interface Sighting {
  readonly holder: string
  readonly owner: LockOwner
  readonly mtime: bigint
  readonly since: number
  readonly renewed: number
}

async function sight(lock: string, last: Sighting | undefined): Promise<Sighting | undefined> {
  try {
    const [holder] = await readdir(lock)
    if (holder === undefined) return undefined
    const file = join(lock, holder)
    const mtime = (await stat(file, { bigint: true })).mtimeNs
    const now = performance.now()
    if (last?.holder !== holder) {
      const owner = parseOwner(await readFile(file, 'utf8'))
      return { holder, owner, mtime, since: now, renewed: now }
    }
    return { ...last, mtime, renewed: last.mtime === mtime ? last.renewed : now }
  } catch (error) {
    ignoreAbsent(error)
    return undefined
  }
}

/** Reads an owner's file; an unreadable one counts as another host's. */
export function parseOwner(text: string): LockOwner {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof LockOwner, unknown>> | null
    const { host, pid, processStart, expiresAfterMs } = value ?? {}
    if (typeof host !== 'string' || !Number.isSafeInteger(pid)) return UNKNOWN_OWNER
    return {
      host,
      pid: Number(pid),
      processStart: typeof processStart === 'string' ? processStart : null,
      expiresAfterMs: Number.isSafeInteger(expiresAfterMs)
        ? Number(expiresAfterMs)
        : EXPIRES_AFTER_MS,
    }
  } catch {
    return UNKNOWN_OWNER
  }
}

/**
 * Whether a lock may be taken over: its process is gone (`isGone`, which only its own host can tell: `undefined`
 * elsewhere), or another host has not renewed it for as long as it promised. A process that lives here keeps its lock
 * however slow it is.
 */
export function isStale(
  owner: LockOwner,
  observed: { readonly unchangedForMs: number; readonly isGone: boolean | undefined },
): boolean {
  return observed.isGone ?? observed.unchangedForMs > owner.expiresAfterMs
}

function isGone(owner: LockOwner): boolean | undefined {
  if (owner.host !== self().host) return undefined
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return errorCode(error) === 'ESRCH'
  }
  const found = linuxProcess(owner.pid)
  if (found === undefined) return false
  // A killed process that nobody has waited for yet, or another one that has its number by now.
  if (found.state === 'Z' || found.state === 'X') return true
  return owner.processStart !== null && found.start !== owner.processStart
}

function hold(lock: string, token: string): LatestLock {
  const file = join(lock, `${token}.json`)
  const renewal = setInterval(() => {
    const now = new Date()
    utimes(file, now, now).catch(() => undefined)
  }, EXPIRES_AFTER_MS / 3)
  renewal.unref()
  return {
    async isHeld() {
      return await stat(file).then(
        () => true,
        () => false,
      )
    },
    async release() {
      clearInterval(renewal)
      await unlink(file).catch(() => undefined)
      // Fails when the next one is already in: an empty folder is no lock, so it is only tidied away.
      await rmdir(lock).catch(() => undefined)
    },
  }
}

let cachedSelf: Omit<LockOwner, 'expiresAfterMs'> | undefined

function self(): Omit<LockOwner, 'expiresAfterMs'> {
  cachedSelf ??= {
    host: hostIdentity(),
    pid: process.pid,
    processStart: linuxProcess(process.pid)?.start ?? null,
  }
  return cachedSelf
}

/** Containers of one machine share its name or its boot, but not their process numbers. */
function hostIdentity(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}

/** State (field 3) and start time (field 22) of Linux's /proc/<pid>/stat; `undefined` elsewhere. */
function linuxProcess(pid: number): { state: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name before the last parenthesis can hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, start] = [fields[0], fields[19]]
    return state === undefined || start === undefined ? undefined : { state, start }
  } catch {
    return undefined
  }
}

function ignoreAbsent(error: unknown): void {
  if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error))) throw error
}
