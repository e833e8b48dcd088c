import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import {
  createSocketQueue,
  lookupUnlessMetadata,
  maxReplyBytes,
  replyTooLong,
} from '@prefect-ts/store/adapter'
import { createDirectConnections } from './direct-answers.ts'
import type { DirectRequest } from './direct-answers.ts'

/** Options of `createHttpHandler`, beside what TLS takes. */
export interface HttpHandlerOptions {
  /** How long a connection may take. */
  readonly connectTimeoutMs: number
  /** How long nothing may move on it before the answer begins. */
  readonly idleTimeoutMs: number
  /** Certificates to trust instead of the system's, as PEM. */
  readonly ca?: string | undefined
  /** False accepts any certificate. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Connections at a time. */
  readonly maxSockets?: number | undefined
  /** For requests that name none. */
  readonly userAgent?: string | undefined
}

/** What the SDK passes on from `client.send`. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal
  /** To be called when bytes move. */
  readonly touch?: () => void
}

/** The part of the SDK's request that is read here. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | string[] | null>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

const sliceSize = 256 * 1024
const defaultSockets = 64

/**
 * Sends the SDK's requests over node:http. The SDK's own handler lets a mute server hang, does not tell when bytes
 * move, and looks names up without a thought; this one gives up on silence, and on names of metadata addresses.
 * Redirects are not followed, so credentials go nowhere else.
 */
export function createHttpHandler(
  options: HttpHandlerOptions,
): NonNullable<S3ClientConfig['requestHandler']> {
  const { ca, rejectUnauthorized, maxSockets = defaultSockets, userAgent } = options
  const directSockets = Math.floor(maxSockets / 4)
  const direct = createDirectConnections({ ca, rejectUnauthorized, maxSockets: directSockets })
  const common = {
    keepAlive: true,
    maxSockets: maxSockets - directSockets,
    lookup: lookupUnlessMetadata,
  }
  const http = new HttpAgent(common)
  const https = new HttpsAgent({
    ...common,
    ...(ca === undefined ? {} : { ca }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  })
  const queue = createSocketQueue(http, https)

  return {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy() {
      http.destroy()
      https.destroy()
      direct.destroy()
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    async handle(given: SdkRequest, sendOptions: SendOptions = {}) {
      const request =
        userAgent === undefined
          ? given
          : { ...given, headers: { 'user-agent': userAgent, ...given.headers } }
      const { abortSignal, touch = () => undefined } = sendOptions
      abortSignal?.throwIfAborted()
      const isTls = request.protocol === 'https:'
      const limits = { ...options, abortSignal, touch }
      // Of a range an answer says how long it is.
      if (request.method === 'GET' && request.headers['range'] !== undefined) {
        const response = await direct.open(directRequest(request, isTls), limits)
        if (response !== undefined) return { response: bounded(response, request, touch) }
      }
      const sent = (isTls ? httpsRequest : httpRequest)({
        ...addressOf(request),
        agent: isTls ? https : http,
      })
      queue.join(sent, touch)
      const response = await exchange(sent, request, limits)
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(response.headers)) {
        headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
      }
      const { statusCode = 0, statusMessage: reason } = response
      const answer = { statusCode, reason, headers, body: response }
      return { response: bounded(answer, request, touch) }
    },
  } as NonNullable<S3ClientConfig['requestHandler']>
}

interface Answer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable
}

/** An answer that is no content of an object gets an end, should the server not give it one. */
function bounded<Any extends Answer>(
  answer: Any,
  { query }: SdkRequest,
  touch: () => void,
): Any | (Omit<Any, 'body'> & { body: Readable }) {
  const { statusCode, headers, body } = answer
  const isContent = statusCode < 300 && query?.['x-id'] === 'GetObject'
  const length = headers['content-length']
  if (isContent || (length !== undefined && Number(length) <= maxReplyBytes)) return answer
  let bytes = 0
  const limited = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      touch()
      bytes += chunk.byteLength
      if (bytes <= maxReplyBytes) done(null, chunk)
      else done(replyTooLong())
    },
  })
  // The SDK hears of an error when it reads; nobody else shall crash.
  pipeline(body, limited, () => undefined)
  return { ...answer, body: limited }
}

function addressOf(request: SdkRequest): RequestOptions & { host: string; path: string } {
  const { hostname, port, method, path, query, headers } = request
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === undefined ? {} : { port }),
    method,
    path: path + queryOf(query ?? {}),
    headers,
  }
}

function directRequest(request: SdkRequest, isTls: boolean): DirectRequest {
  const { host, port, path } = addressOf(request)
  const { method, headers } = request
  return { isTls, host, port: Number(port ?? (isTls ? 443 : 80)), method, path, headers }
}

function queryOf(query: NonNullable<SdkRequest['query']>): string {
  const pairs = Object.entries(query)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) =>
      value === null
        ? [escape(name)]
        : [value].flat().map((one) => `${escape(name)}=${escape(one)}`),
    )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function escape(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

type Exchange = HttpHandlerOptions & {
  readonly abortSignal: AbortSignal | undefined
  readonly touch: () => void
}

/** Resolves with the answer's head. The signal reaches on into its body. */
function exchange(sent: ClientRequest, { body }: SdkRequest, limits: Exchange) {
  const { abortSignal, touch, connectTimeoutMs, idleTimeoutMs } = limits
  return new Promise<IncomingMessage>((resolve, reject) => {
    const onAbort = (): void => {
      sent.destroy(abortError())
    }
    abortSignal?.addEventListener('abort', onAbort, { once: true })
    const settle = (): void => abortSignal?.removeEventListener('abort', onAbort)

    let connecting: NodeJS.Timeout | undefined
    sent.once('socket', (socket) => {
      if (!socket.connecting) return
      connecting = setTimeout(() => {
        sent.destroy(timeoutError(`no connection after ${connectTimeoutMs} ms`))
      }, connectTimeoutMs)
      socket.once('connect', () => {
        clearTimeout(connecting)
        touch()
      })
    })
    sent.setTimeout(idleTimeoutMs, () => {
      sent.destroy(timeoutError(`nothing moved for ${idleTimeoutMs} ms`))
    })
    sent.once('close', () => clearTimeout(connecting))
    sent.once('error', (error) => {
      settle()
      reject(error)
    })
    sent.once('response', (response) => {
      touch()
      // A reader may take its time; what the server owes it is watched by whoever reads.
      sent.setTimeout(0)
      response.once('close', settle)
      resolve(response)
    })
    write(sent, body, touch)
  })
}

/** In slices, to see that they go. */
function write(sent: ClientRequest, body: unknown, touch: () => void): void {
  if (body === undefined || body === null || body === '') return void sent.end()
  if (typeof body === 'string') return void sent.end(body)
  if (!(body instanceof Uint8Array)) return void (body as Readable).pipe(sent)
  let offset = 0
  const more = (): void => {
    touch()
    while (offset < body.byteLength) {
      const slice = body.subarray(offset, offset + sliceSize)
      offset += slice.byteLength
      if (!sent.write(slice) && offset < body.byteLength) return void sent.once('drain', more)
    }
    sent.end()
  }
  more()
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' })
}

function abortError(): Error {
  return Object.assign(new Error('the request was aborted'), { name: 'AbortError' })
}
