import type { Client } from '@prefect-ts/api'
import { loadApi, requireApi } from './api.ts'
import { formatLine, levelNumber, levels, type LogLine } from './log.ts'

export interface LogSenderOptions {
  client: () => Client
  /** The runs that lines belong to. */
  flowRunId: string
  taskRunId: string | undefined
  /** Takes what could not be sent, and everything with `PREFECT_LOGGING_TO_API_ENABLED=false`. */
  fallback: (text: string) => void
}

export interface LogSender {
  readonly send: (line: LogLine) => void
  /** The lowest level that is kept; all until the settings are read, which the first batch does. */
  readonly minimumLevel: () => number
  /** Sends what is waiting. Gives up when nothing went through for `limitMs`; what was not sent goes to the fallback. */
  close(limitMs: number): Promise<void>
  /** For a job that is being ended, `limitMs` in all: the newest errors go first, and the log says how many lines were lost. */
  closeHurriedly(limitMs: number): Promise<void>
}

// One POST of 5,000 lines holds a SQLite server for 13 s: small batches, two under way.
const maxLines = 200
const maxBytes = 1_000_000
const maxInFlight = 2
const intervalMs = 1_000
/** Kept of a hurried close for the line that says how many were lost. */
const lastLineMs = 400

/** Sends log lines to `POST /logs/` in batches, in the order given, with known secrets masked. */
export function createLogSender(options: LogSenderOptions): LogSender {
  let queue: LogLine[] = []
  /** Lines before this one are taken; moving the rest for every batch would cost more than sending it. */
  let head = 0
  const inFlight = new Set<Promise<void>>()
  const stopped = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let unsent = 0
  let lost = 0
  let minimumLevel = 0
  let closing = false
  let hurried = false
  let closingLimit: NodeJS.Timeout | undefined
  const waiting = (): number => queue.length - head

  function take(count: number): LogLine[] {
    const lines = queue.slice(head, head + count)
    head += count
    if (head >= queue.length) {
      queue = []
      head = 0
    }
    return lines
  }

  const takeRest = (): LogLine[] => take(waiting()).filter((line) => line.level >= minimumLevel)

  function takeBatch(limit: number, mask: (text: string) => string): LogLine[] {
    const batch: LogLine[] = []
    let taken = 0
    let bytes = 0
    for (const line of queue.slice(head, head + maxLines)) {
      if (line.level >= minimumLevel) {
        const cut = { ...line, message: cutMessage(mask(line.message), limit) }
        bytes += Buffer.byteLength(cut.message)
        if (batch.length > 0 && bytes > maxBytes) break
        batch.push(cut)
      }
      taken += 1
    }
    take(taken)
    return batch
  }

  async function post(): Promise<void> {
    const { isApiError, maskSecrets } = await loadApi()
    let batch: LogLine[] = []
    try {
      const { settings } = options.client()
      minimumLevel = levelNumber(settings.loggingLevel) ?? levels.info
      batch = takeBatch(settings.loggingMaxLogSize, maskSecrets)
      if (!settings.loggingToApiEnabled) print(batch)
      // The client repeats it where that can't make lines appear twice.
      else if (batch.length > 0) await postLines(batch, stopped.signal, 30_000)
    } catch (error) {
      giveUp(batch)
      // At the end nobody waits for one batch after another to fail.
      const hopeless = isApiError(error, 'CONNECTION_FAILED', 'NO_API_URL', 'INVALID_SETTING')
      if (closing && hopeless) giveUp(takeRest())
    }
  }

  function print(lines: readonly LogLine[]): void {
    for (const line of lines) options.fallback(formatLine(line))
  }

  async function postLines(
    lines: readonly LogLine[],
    signal: AbortSignal | undefined,
    timeoutMs: number,
  ): Promise<void> {
    const { flowRunId, taskRunId } = options
    const ids = {
      flow_run_id: flowRunId,
      ...(taskRunId === undefined ? {} : { task_run_id: taskRunId }),
    }
    const body = lines.map((line) => ({ ...line, ...ids }))
    await options.client().post('/logs/', { body, signal, timeoutMs })
    // A slow server that takes them is no reason to lose the rest.
    if (!hurried) closingLimit?.refresh()
  }

  function giveUp(lines: readonly LogLine[]): void {
    unsent += lines.length
    if (!hurried || !stopped.signal.aborted) print(lines)
  }

  function pump(): void {
    clearTimeout(timer)
    timer = undefined
    while (waiting() > inFlight.size * maxLines && inFlight.size < maxInFlight) {
      if (stopped.signal.aborted) return
      const request = post().finally(() => {
        inFlight.delete(request)
        if (waiting() > 0) pump()
      })
      inFlight.add(request)
    }
  }

  // A job that calls process.exit leaves no time to send: better in its output than lost.
  const printWaiting = (): void => {
    if (waiting() === 0) return
    requireApi()
    print(takeRest())
  }
  process.on('exit', printWaiting)

  async function close(limitMs: number): Promise<void> {
    closing = true
    closingLimit = setTimeout(() => stopped.abort(), limitMs)
    pump()
    while (inFlight.size > 0) await Promise.allSettled(inFlight)
    clearTimeout(closingLimit)
    process.off('exit', printWaiting)
    giveUp(takeRest())
    if (unsent > 0) options.fallback(`${unsent} log lines did not reach the Prefect API.\n`)
    lost = unsent
    unsent = 0
  }

  return {
    send(line) {
      queue.push(line)
      if (waiting() >= maxLines) {
        if (inFlight.size < maxInFlight) pump()
      } else timer ??= setTimeout(pump, intervalMs).unref()
    },
    minimumLevel: () => minimumLevel,
    close,
    async closeHurriedly(limitMs) {
      hurried = true
      const rest = take(waiting()).toReversed()
      const errors = rest.filter((line) => line.level >= levels.error)
      queue = [...errors, ...rest.filter((line) => line.level < levels.error)]
      const last = rest[0]
      await close(Math.max(limitMs - lastLineMs, lastLineMs))
      if (lost === 0 || last === undefined) return
      const message = `${lost} log lines were lost: the job was ended before they were sent.`
      const line = { ...last, level: levels.warning, message, timestamp: new Date().toISOString() }
      await postLines([line], undefined, lastLineMs).catch(() => {})
    },
  }
}

/** Cuts as Prefect's own handler does (`APILogHandler.prepare`): the end is lost and marked. */
function cutMessage(message: string, limit: number): string {
  // Other fields take under 300 bytes, a character at most 6.
  if (message.length * 6 + 300 <= limit) return message
  const bytes = Buffer.byteLength(JSON.stringify(message))
  if (bytes + 300 <= limit) return message
  const room = Math.max(limit - 350, 0)
  let cut = message.slice(0, Math.floor((room / bytes) * message.length))
  // The part that is kept may hold more escapes and other alphabets than the rest.
  while (Buffer.byteLength(JSON.stringify(cut)) > room && cut.length > 0) {
    cut = cut.slice(0, Math.floor(cut.length * 0.95))
  }
  return `${cut.toWellFormed()}... [truncated]`
}
