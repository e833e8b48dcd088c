import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Recorded {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Recorder {
  readonly port: number
  readonly seen: Recorded[]
  /** What to answer; by default an object of two bytes. */
  answer: (request: Recorded) => { status: number; headers?: Record<string, string>; body?: string }
  /** Leaves such requests without an answer; says how many there were, and how many of them the client gave up. */
  hold(isHeld: (request: Recorded) => boolean): { held(): number; dropped(): number }
  stop(): Promise<void>
}

/** A server on a real socket that keeps what it is asked. */
export async function startRecorder(tls?: { key: string; cert: string }): Promise<Recorder> {
  let holding:
    | { isHeld: (request: Recorded) => boolean; counts: { held: number; dropped: number } }
    | undefined
  const recorder: Recorder = {
    port: 0,
    seen: [],
    answer: () => ({ status: 200, headers: { etag: '"1"' }, body: 'ok' }),
    hold(isHeld) {
      const counts = { held: 0, dropped: 0 }
      holding = { isHeld, counts }
      return { held: () => counts.held, dropped: () => counts.dropped }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const listener: RequestListener = (incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() }
      recorder.seen.push(request)
      if (holding?.isHeld(request) === true) {
        const { counts } = holding
        counts.held++
        response.once('close', () => counts.dropped++)
        return
      }
      const { status, headers: own = {}, body = '' } = recorder.answer(request)
      response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...own })
      response.end(method === 'HEAD' ? '' : body)
    })
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(recorder, { port: (server.address() as AddressInfo).port })
}

/** The access key and region that a request was signed with. */
export function signedBy({ headers }: Recorded): { key: string; region: string } | undefined {
  const [, key, region] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/s3\/aws4_request/.exec(headers.authorization ?? '') ?? []
  return key === undefined || region === undefined ? undefined : { key, region }
}
