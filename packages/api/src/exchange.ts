import type { Dispatcher } from 'undici'

/** One request on the wire. */
export interface ExchangeRequest {
  /** Scheme, host and port. */
  origin: string
  /** Path and query. */
  path: string
  method: string
  headers: Record<string, string>
  body: string | undefined
}

/** One answer, read whole up to a limit. */
export interface Exchange {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** Whether the body was longer than the limit; the rest was not read. */
  truncated: boolean
}

/** No answer; when `sent`, the server may have read the request and acted. */
export interface FailedExchange {
  error: unknown
  sent: boolean
}

/**
 * Sends one request through any undici dispatcher and reads at most `limitOf(status)` bytes of its
 * answer. Never rejects; the error of an aborted exchange is the signal's reason.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: ExchangeRequest,
  signal: AbortSignal,
  limitOf: (status: number) => number,
): Promise<Exchange | FailedExchange> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined
    let answer: Omit<Exchange, 'body'> = { status: 0, headers: {}, truncated: false }
    const chunks: Buffer[] = []
    let size = 0

    const stop = (): void => {
      fail(signal.reason)
      controller?.abort(new Error('The call was ended'))
    }
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', stop)
      resolve({ error, sent: controller !== undefined })
    }
    const finish = (): void => {
      signal.removeEventListener('abort', stop)
      const [first] = chunks
      const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
      resolve({ ...answer, body })
    }
    if (signal.aborted) return fail(signal.reason)
    signal.addEventListener('abort', stop, { once: true })

    try {
      // The call's own limit rules: undici's two timeouts are off.
      dispatcher.dispatch(
        {
          ...request,
          body: request.body ?? null,
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        {
          // Only now there is a connection, and the request is written to it.
          onRequestStart(started) {
            // Ended while it still waited for a connection.
            if (signal.aborted) started.abort(new Error('The call was ended'))
            else controller = started
          },
          onResponseStart(_, status, headers) {
            answer = { status, headers, truncated: false }
          },
          onResponseData(started, chunk) {
            const room = limitOf(answer.status) - size
            chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
            size += chunk.length
            if (chunk.length > room) {
              answer.truncated = true
              finish()
              started.abort(new Error('The answer is too large'))
            }
          },
          onResponseEnd: finish,
          onResponseError: (_, error) => fail(error),
        },
      )
    } catch (error) {
      fail(error)
    }
  })
}
