import { isApiError, type Client } from '@prefect-ts/api'
import { formatLine, type LogLine } from './log.ts'

export interface LogSenderOptions {
  client: Client
  flowRunId: string
  taskRunId: string | undefined
  /** Longest message, in characters; longer ones are cut. */
  maxMessageLength: number
  /** Takes what could not be sent. */
  fallback: (text: string) => void
}

export interface LogSender {
  send(line: LogLine): void
  /** Sends what is waiting. Gives up after `limitMs`; what was not sent by then is counted on the fallback. */
  close(limitMs: number): Promise<void>
}

// One POST of 5,000 lines holds a SQLite server for 13 s: small batches, two under way.
const maxLines = 200
const maxCharacters = 1_000_000
const maxInFlight = 2
const intervalMs = 1_000

/** Sends log lines to `POST /logs/` in batches, in the order given. */
export function createLogSender(options: LogSenderOptions): LogSender {
  const queue: LogLine[] = []
  const inFlight = new Set<Promise<void>>()
  const stopped = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let unsent = 0
  let closing = false

  function takeBatch(): LogLine[] {
    let characters = 0
    let count = 0
    for (const line of queue) {
      characters += line.message.length
      if (count === maxLines || (count > 0 && characters > maxCharacters)) break
      count += 1
    }
    return queue.splice(0, count)
  }

  async function post(batch: LogLine[]): Promise<void> {
    const ids = {
      flow_run_id: options.flowRunId,
      ...(options.taskRunId === undefined ? {} : { task_run_id: options.taskRunId }),
    }
    const body = batch.map((line) => ({ ...line, ...ids }))
    try {
      // The client repeats it where that can't make lines appear twice.
      await options.client.post('/logs/', { body, signal: stopped.signal, timeoutMs: 30_000 })
    } catch (error) {
      giveUp(batch)
      // At the end nobody waits for one batch after another to fail.
      if (closing && isApiError(error, 'CONNECTION_FAILED')) giveUp(queue.splice(0))
    }
  }

  function giveUp(lines: readonly LogLine[]): void {
    unsent += lines.length
    if (!stopped.signal.aborted) for (const line of lines) options.fallback(formatLine(line))
  }

  function pump(): void {
    clearTimeout(timer)
    timer = undefined
    while (queue.length > 0 && inFlight.size < maxInFlight && !stopped.signal.aborted) {
      const request = post(takeBatch()).finally(() => {
        inFlight.delete(request)
        if (queue.length > 0) pump()
      })
      inFlight.add(request)
    }
  }

  // A job that calls process.exit leaves no time to send: better in its output than lost.
  const printWaiting = (): void => giveUp(queue.splice(0))
  process.on('exit', printWaiting)

  return {
    send(line) {
      const message = cutMessage(line.message, options.maxMessageLength)
      queue.push({ ...line, message })
      if (queue.length >= maxLines) pump()
      else timer ??= setTimeout(pump, intervalMs).unref()
    },
    async close(limitMs) {
      closing = true
      const limit = setTimeout(() => stopped.abort(), limitMs)
      pump()
      while (inFlight.size > 0) await Promise.allSettled(inFlight)
      clearTimeout(limit)
      process.off('exit', printWaiting)
      unsent += queue.length
      queue.length = 0
      if (unsent > 0) options.fallback(`${unsent} log lines did not reach the Prefect API.\n`)
    },
  }
}

/** Cuts as Prefect's own handler does (`APILogHandler`): the end is lost and marked. */
function cutMessage(message: string, limit: number): string {
  if (message.length <= limit) return message
  return `${message.slice(0, limit - 50).toWellFormed()}... [truncated]`
}
