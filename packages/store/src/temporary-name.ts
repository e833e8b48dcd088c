import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

const suffix = '.prefect-ts-tmp'
// Machine (8 hex digits), process (6), its start (6), random (8).
const pattern = /^\..*\.([0-9a-f]{8})([0-9a-f]{6})([0-9a-f]{6})[0-9a-f]{8}\.prefect-ts-tmp$/s

let own: string | undefined
// From a random number on, as workers of one process have a count each.
let [count = 0] = crypto.getRandomValues(new Uint32Array(1))

/** Whether a file name (without folder) is one that `writeFileAtomically` uses while it writes. */
export function isTemporaryName(name: string): boolean {
  return pattern.test(name)
}

/**
 * `.<name>.<28 hex>.prefect-ts-tmp`, cut so that a name of 255 bytes still has room for it. The digits name this
 * process and a number that no other name of it has, so that others can tell when nobody will finish the file.
 */
export function temporaryName(name: string): string {
  own ??= machine() + hex(process.pid, 6) + hex(startOf(process.pid) ?? 0, 6)
  const bytes = Buffer.from(name).subarray(0, 255 - suffix.length - 30)
  let stem = bytes.toString()
  while (stem.endsWith('\ufffd')) stem = stem.slice(0, -1)
  count = (count + 1) >>> 0
  return `.${stem}.${own}${hex(count, 8)}${suffix}`
}

/**
 * Whether the process that writes under a temporary name is still there. Undefined when it ran on another machine
 * (or in another container), where we can't see it.
 */
export function isWriterAlive(name: string): boolean | undefined {
  const [, host, id = '', start = ''] = pattern.exec(name) ?? []
  if (host !== machine()) return undefined
  const pid = Number.parseInt(id, 16)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const started = startOf(pid)
  return started === undefined || started === Number.parseInt(start, 16)
}

let ownMachine: string | undefined

/** What tells machines apart, and on Linux containers too: processes of one see each other's ids. */
export function machine(): string {
  if (ownMachine !== undefined) return ownMachine
  const facts = [hostname(), attempt(() => readFileSync('/etc/machine-id', 'latin1'))]
  facts.push(attempt(() => readlinkSync('/proc/self/ns/pid')))
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(facts.join('\n'))) hash = Math.imul(hash ^ byte, 0x01000193)
  ownMachine = hex(hash >>> 0, 8)
  return ownMachine
}

/**
 * When a process started, in ticks since boot modulo 2**24; -1 when it is dead but still listed. It tells a process
 * from a later one of the same id. Undefined where the system does not say (no /proc).
 */
function startOf(pid: number): number | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The second field, in parentheses, is the program's name and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = ''] = fields
  if (fields.length < 20) return undefined
  return 'ZX'.includes(state) ? -1 : Number(fields[19]) % 2 ** 24
}

function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
