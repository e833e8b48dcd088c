import type { levels, LogFields } from './log.ts'

/** A log entry of another logger. `level` is a name of theirs (`warn`, `fatal`, …) or a number of pino's (30 is info). */
export interface LogEntry {
  readonly level?: string | number | undefined
  readonly message?: unknown
  /** pino's name for `message`. */
  readonly msg?: unknown
  readonly [field: string]: unknown
}

type Level = keyof typeof levels

/** Level names of console, pino, winston (npm and syslog levels). */
const names: Readonly<Record<string, Level>> = {
  trace: 'debug',
  silly: 'debug',
  debug: 'debug',
  verbose: 'debug',
  http: 'info',
  log: 'info',
  info: 'info',
  notice: 'info',
  warn: 'warning',
  warning: 'warning',
  error: 'error',
  fatal: 'critical',
  crit: 'critical',
  critical: 'critical',
  alert: 'critical',
  emerg: 'critical',
}

/** What a logger adds that the line has already, or that is the same in every line. */
const dropped = new Set(['level', 'message', 'msg', 'time', 'timestamp', 'pid', 'hostname', 'v'])

/** Reads what {@link RunLog.write} takes. Text that is not a JSON object is the message, at level info. */
export function readEntry(entry: string | LogEntry): {
  level: Level
  message: string
  fields: LogFields | undefined
} {
  const object = typeof entry === 'string' ? (parseLine(entry) ?? { msg: entry.trimEnd() }) : entry
  const { level, message = object.msg ?? '' } = object
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    if (!dropped.has(name)) fields[name] = value
  }
  return {
    level: readLevel(level),
    message: typeof message === 'string' ? message : String(message),
    fields: Object.keys(fields).length === 0 ? undefined : fields,
  }
}

function parseLine(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined
  }
}

function readLevel(level: string | number | undefined): Level {
  if (typeof level === 'number') {
    // pino: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
    if (level < 30) return 'debug'
    if (level < 40) return 'info'
    if (level < 50) return 'warning'
    return level < 60 ? 'error' : 'critical'
  }
  return names[(level ?? 'info').toLowerCase()] ?? 'info'
}
