import { inspect } from 'node:util'
import { readEntry, type LogEntry } from './log-entry.ts'

/** Values beside a message, shown as `name=value`. An `Error` among them is shown with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>

/** The job's logger. Lines appear in the flow run (and task run) in Prefect; without one they go to stderr. */
export interface RunLog {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warning(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  critical(message: string, fields?: LogFields): void
  /**
   * The sink for other loggers: takes a line that pino wrote (JSON text), an object `{ level, message, …fields }` as
   * winston passes it, or plain text. Never throws; may be passed on without `run.log`.
   */
  readonly write: (entry: string | LogEntry) => void
}

/** Python's level numbers, which Prefect stores. */
export const levels = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const

/** A line as `POST /logs/` takes it, without the ids of the runs. Secrets in it are not masked yet. */
export interface LogLine {
  name: string
  level: number
  message: string
  timestamp: string
}

/** Where lines go. */
export type LogSink = (line: LogLine) => void

const loggerName = 'prefect-ts.job'

/** A logger that passes lines of `minimumLevel` or above to `sink`. It may change: settings are read after the start. */
export function createLog(sink: LogSink, minimumLevel: () => number): RunLog {
  const timestamp = createClock()
  function write(level: number, message: string, fields?: LogFields): void {
    if (level < minimumLevel()) return
    // The server's database takes neither NUL nor lone surrogates.
    const text = formatMessage(message, fields).replaceAll('\0', '').toWellFormed()
    sink({ name: loggerName, level, message: text, timestamp: timestamp() })
  }
  return {
    debug: (message, fields) => write(levels.debug, message, fields),
    info: (message, fields) => write(levels.info, message, fields),
    warning: (message, fields) => write(levels.warning, message, fields),
    error: (message, fields) => write(levels.error, message, fields),
    critical: (message, fields) => write(levels.critical, message, fields),
    write: (entry) => {
      const { level, message, fields } = readEntry(entry)
      write(levels[level], message, fields)
    },
  }
}

/** The number of a level name as in `PREFECT_LOGGING_LEVEL`; `undefined` when it is none. */
export function levelNumber(name: string): number | undefined {
  return /^\d+$/.test(name) ? Number(name) : levels[name.toLowerCase() as keyof typeof levels]
}

/** One line for a terminal. */
export function formatLine(line: LogLine): string {
  const level = Object.entries(levels).find((entry) => entry[1] === line.level)?.[0] ?? line.level
  return `${line.timestamp.slice(11, 23)} ${String(level).toUpperCase().padEnd(8)} ${line.message}\n`
}

function formatMessage(message: string, fields: LogFields | undefined): string {
  if (fields === undefined) return message
  let text = message
  let traces = ''
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) {
      const said = value.message === message
      if (!said) text += ` ${name}=${JSON.stringify(value.message)}`
      traces += `\n${said ? inspect(value).replace(`: ${message}`, '') : inspect(value)}`
    } else {
      text += ` ${name}=${formatValue(value)}`
    }
  }
  return text + traces
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : inspect(value, { breakLength: Infinity })
}

/** ISO timestamps in microseconds that never repeat: Prefect orders lines by them alone. */
function createClock(): () => string {
  let last = 0
  return () => {
    const now = Math.floor((performance.timeOrigin + performance.now()) * 1000)
    last = Math.max(now, last + 1)
    const milliseconds = Math.floor(last / 1000)
    const micro = String(last % 1000).padStart(3, '0')
    return new Date(milliseconds).toISOString().replace('Z', `${micro}Z`)
  }
}
