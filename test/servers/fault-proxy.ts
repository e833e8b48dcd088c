import { createServer, request as sendRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestServer } from './process.ts'

/** A request as the proxy got it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What goes wrong with one request. Without a fault it is passed on and answered as it is. */
export type Fault =
  /** Never answered, and never passed on. */
  | { readonly kind: 'mute' }
  /** The connection is closed before it is passed on. */
  | { readonly kind: 'reset' }
  /** Done by the server, but the connection is closed before the answer. */
  | { readonly kind: 'lost-reply' }
  /** This answer, not passed on. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** Done by the server, but this is the answer. */
  | {
      readonly kind: 'other-reply'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** The connection breaks after so many bytes of the answer's content. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The answer gives no length and ends as if it were complete after so many bytes. */
  | { readonly kind: 'no-length'; readonly after: number }
  /** Nothing more comes after so many bytes. */
  | { readonly kind: 'stall'; readonly after: number }
  /** One bit of the answer's content is another. */
  | { readonly kind: 'flip'; readonly at: number }
  /** One bit of what is sent is another, counted from its end. */
  | { readonly kind: 'flip-request'; readonly fromEnd: number }
  /** Bytes more than there are, with a length that counts them. */
  | { readonly kind: 'extra'; readonly bytes: number }
  /** The range asked for is not passed on. */
  | { readonly kind: 'whole' }

export interface FaultProxy extends TestServer {
  /** Every request since it was last emptied. */
  readonly seen: SeenRequest[]
  /** What to do with each request from now on. A promise holds the request up until it is settled. */
  plan: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>
}

/** What stands in for the server where it differs from the real service. */
export interface StandIn {
  /** The answer to give in the server's place. */
  answer(request: SeenRequest): (Fault & { kind: 'answer' }) | undefined
  /** Told of every answer of the server. */
  observe(request: SeenRequest, answer: ServerAnswer): void
}

/** What the server answered. */
export interface ServerAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A server on a real socket before another one, which passes everything on but what `plan` says. */
export async function startFaultProxy(target: string, standIn?: StandIn): Promise<FaultProxy> {
  const to = new URL(target)
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const path = to.pathname === '/' ? '' : to.pathname
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}${path}`,
    seen: [],
    plan: () => undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return proxy

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming
    const body = await readAll(incoming)
    const request: SeenRequest = { method, url, headers, body }
    proxy.seen.push(request)
    const fault = (await proxy.plan(request)) ?? standIn?.answer(request)
    if (fault?.kind === 'mute') return
    if (fault?.kind === 'reset') return void incoming.socket.destroy()
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    if (fault?.kind === 'flip-request') flip(body, body.byteLength - fault.fromEnd)
    const answer = await forward(request, fault?.kind === 'whole')
    standIn?.observe(request, answer)
    if (fault?.kind === 'lost-reply') return void incoming.socket.destroy()
    if (fault?.kind === 'other-reply') {
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    await reply(answer, fault, request, response)
  }

  async function forward(
    { method, url, headers, body }: SeenRequest,
    whole: boolean,
  ): Promise<ServerAnswer> {
    const passed = {
      ...headers,
      host: headers.host ?? to.host,
      'content-length': String(body.byteLength),
    }
    if (whole) {
      Reflect.deleteProperty(passed, 'range')
      Reflect.deleteProperty(passed, 'x-ms-range')
    }
    if (method === 'GET' || method === 'HEAD') Reflect.deleteProperty(passed, 'content-length')
    Reflect.deleteProperty(passed, 'transfer-encoding')
    return await new Promise((resolve, reject) => {
      const outgoing = sendRequest({
        host: to.hostname,
        port: to.port,
        method,
        path: url,
        headers: passed,
      })
      outgoing.once('error', reject)
      outgoing.once('response', (answer) => {
        readAll(answer).then(
          (content) =>
            resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: content }),
          reject,
        )
      })
      outgoing.end(body)
    })
  }
}

async function reply(
  answer: ServerAnswer,
  fault: Fault | undefined,
  request: SeenRequest,
  response: ServerResponse,
): Promise<void> {
  const headers = { ...answer.headers }
  Reflect.deleteProperty(headers, 'transfer-encoding')
  Reflect.deleteProperty(headers, 'connection')
  let { body } = answer
  if (request.method !== 'HEAD' && answer.status !== 204 && answer.status !== 304) {
    headers['content-length'] = String(body.byteLength)
  }
  if (fault?.kind === 'extra') {
    body = Buffer.concat([body, Buffer.alloc(fault.bytes, 7)])
    headers['content-length'] = String(body.byteLength)
  }
  if (fault?.kind === 'flip') flip(body, fault.at)
  if (fault?.kind === 'no-length') {
    Reflect.deleteProperty(headers, 'content-length')
    response.useChunkedEncodingByDefault = false
    response.shouldKeepAlive = false
    response.writeHead(answer.status, headers).end(body.subarray(0, fault.after))
    return
  }
  response.writeHead(answer.status, headers)
  if (fault?.kind !== 'cut' && fault?.kind !== 'stall') return void response.end(body)
  // A turn of the event loop, so that what was written is really on its way.
  await new Promise<void>((resolve) =>
    response.write(body.subarray(0, fault.after), () => resolve()),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  if (fault.kind === 'cut') response.destroy()
}

function flip(body: Buffer, at: number): void {
  const byte = body[at]
  if (byte === undefined) throw new Error(`there is no byte ${at} to flip`)
  body[at] = byte ^ 1
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
