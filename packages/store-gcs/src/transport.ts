import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from '@prefect-ts/store'
import type { DriverCall } from '@prefect-ts/store'
import {
  connectionErrors,
  createSocketQueue,
  lookupUnlessMetadata,
  sharedReads,
} from '@prefect-ts/store/adapter'
import type { Authorization } from './authorization.ts'
import { gcsError, isTransient } from './gcs-error.ts'

/** One request to Google Cloud Storage. */
export interface GcsRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query, encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: readonly Uint8Array[] | undefined
}

/** An answer whose content was read. */
export interface GcsReply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** Sends requests, with authorization and bounded repetition. */
export interface Transport {
  /** Opens one answer and leaves its content to be read. No repetition but the one after a refused token. */
  open(request: GcsRequest, call: DriverCall): Promise<IncomingMessage>
  /** Sends once and reads the answer, whatever it is. A connection that fails is `UNAVAILABLE`. */
  sendOnce(request: GcsRequest, call: DriverCall): Promise<GcsReply>
  /**
   * Sends until an answer comes that is worth no repetition, and reads it. Rejects when none came in the end.
   * For requests that may be repeated.
   */
  send(request: GcsRequest, call: DriverCall): Promise<GcsReply>
}

const maxAttempts = 5
const maxReplyBytes = 64 * 1024 * 1024
const sliceSize = 256 * 1024

/** Requests to one origin, over connections that are kept. Redirects are not followed. */
export function createTransport(origin: URL, authorization: Authorization): Transport {
  let opening: ReturnType<typeof connect> | undefined

  async function connect() {
    const module = await (origin.protocol === 'https:' ? import('node:https') : import('node:http'))
    // Node 24 takes the proxy's variables here; older versions go straight.
    const options = { keepAlive: true, maxSockets: 64, proxyEnv: process.env }
    const agent = sharedReads(new module.Agent(options))
    return { agent, queue: createSocketQueue(agent), request: module.request }
  }

  async function attempt(request: GcsRequest, call: DriverCall): Promise<IncomingMessage> {
    const { method, path, body = [] } = request
    const length = body.reduce((total, { byteLength }) => total + byteLength, 0)
    const http = await (opening ??= connect())
    const headers = { ...(await authorization.headers(call)), ...request.headers }
    call.signal.throwIfAborted()
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = http.request({
        agent: http.agent,
        lookup: lookupUnlessMetadata,
        protocol: origin.protocol,
        host: origin.hostname.replace(/^\[|\]$/g, ''),
        port: origin.port,
        method,
        path: origin.pathname.replace(/\/$/, '') + path,
        headers: {
          ...headers,
          ...(method === 'GET' ? {} : { 'content-length': length }),
        },
        signal: call.signal,
      })
      http.queue.join(outgoing, () => call.touch())
      outgoing.once('error', reject)
      outgoing.once('response', (response) => {
        call.touch()
        resolve(response)
      })
      const pieces = slices(body)
      const write = (): void => {
        for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
          call.touch()
          if (!outgoing.write(piece.value)) return void outgoing.once('drain', write)
        }
        outgoing.end()
      }
      write()
    })
  }

  async function open(request: GcsRequest, call: DriverCall): Promise<IncomingMessage> {
    const response = await attempt(request, call)
    if (response.statusCode !== 401 || !authorization.renew()) return response
    response.resume()
    return await attempt(request, call)
  }

  return {
    open,
    async sendOnce(request, call) {
      const outcome = await once(request, call)
      if ('reply' in outcome) return outcome.reply
      throw unreachable(outcome.error)
    },
    async send(request, call) {
      for (let count = 1; ; count++) {
        const outcome = await once(request, call)
        const reply = 'reply' in outcome ? outcome.reply : undefined
        if (reply !== undefined && !isTransient(reply.status)) return reply
        if (count === maxAttempts) {
          if (reply !== undefined) throw gcsError(reply, 'the server could not serve it')
          throw unreachable('reply' in outcome ? undefined : outcome.error)
        }
        await sleep(delayMs(count, reply), undefined, { signal: call.signal })
        call.touch()
      }
    },
  }

  async function once(
    request: GcsRequest,
    call: DriverCall,
  ): Promise<{ reply: GcsReply } | { error: unknown }> {
    try {
      const response = await open(request, call)
      const { statusCode: status = 0, headers } = response
      return { reply: { status, headers, text: await readText(response, call) } }
    } catch (error) {
      call.signal.throwIfAborted()
      if (!isConnectionError(error)) throw error
      return { error }
    }
  }
}

function* slices(body: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const bytes of body) {
    for (let start = 0; start < bytes.byteLength; start += sliceSize) {
      yield bytes.subarray(start, start + sliceSize)
    }
  }
}

/** The content of an answer as text, up to a limit that no listing reaches. */
export async function readText(response: IncomingMessage, call: DriverCall): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('text instead of bytes')
    call.touch()
    bytes += chunk.byteLength
    if (bytes > maxReplyBytes) throw new Error(`the server answered with more than ${bytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Whether an error is one of the connection, after which the request may be repeated. */
export function isConnectionError(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && connectionErrors.has(code)
}

/** The error for a server that can't be reached. */
export function unreachable(error: unknown): StoreError {
  const reason = error instanceof Error ? error.message : 'no answer'
  const message = `Google Cloud Storage can't be reached: ${reason}`
  return new StoreError(message, { code: 'UNAVAILABLE', cause: error })
}

/** Doubling from 0.2 s, with jitter on top of what the server asks for. */
function delayMs(count: number, reply: GcsReply | undefined): number {
  const asked = Number(reply?.headers['retry-after'] ?? 0)
  const least = asked > 0 ? Math.min(asked, 30) * 1_000 : 0
  return least + 200 * 2 ** (count - 1) * (0.5 + Math.random())
}
