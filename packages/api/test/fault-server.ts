import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that arrived, read whole. */
export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** Answers one request; `seen` holds all requests so far, this one last. */
export type Answering = (response: ServerResponse, seen: readonly Received[]) => void

export interface FaultServer extends AsyncDisposable {
  apiUrl: string
  seen: Received[]
}

/** A server on a real socket that answers as it is told. */
export async function startFaultServer(answer: Answering): Promise<FaultServer> {
  const seen: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      seen.push({ method, url, headers, body })
      answer(response, seen)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    apiUrl: `http://127.0.0.1:${port}/api`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An answer of one piece. */
export function reply(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Answering {
  return (response) => void response.writeHead(status, headers).end(body)
}

/** Prefect's usual answer. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Answering {
  return reply(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}
