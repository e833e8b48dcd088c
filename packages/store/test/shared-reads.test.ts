import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent as HttpAgent, createServer as createHttpServer, get as getHttp } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, createServer as createHttpsServer, get as getHttps } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pourStream, sharedReads } from '@prefect-ts/store/adapter'
import { afterEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../test/servers/certificate.ts'

const megabyte = 1024 * 1024
const piece = Buffer.alloc(100_003)
for (let index = 0; index < piece.byteLength; index++) piece[index] = (index * 31) ^ (index >> 9)

const pem = makeCertificate()
const servers: Server[] = []
const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

function agentOf(isTls: boolean): Agent {
  const options = { keepAlive: true, maxSockets: 4 }
  const agent = isTls ? new HttpsAgent({ ...options, ca: pem }) : new HttpAgent(options)
  agents.push(agent)
  return sharedReads(agent)
}

async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A server that answers `/<n>` with n pieces, the first byte of each being n. */
async function serve(isTls: boolean): Promise<{ port: number; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>()
  const answer = (request: IncomingMessage, response: NodeJS.WritableStream): void => {
    sockets.add(request.socket)
    const mark = Number(request.url?.slice(1))
    let left = mark
    const own = Buffer.from(piece).fill(mark, 0, 1)
    const more = (): void => {
      while (left-- > 0) if (!response.write(own)) return void response.once('drain', more)
      response.end()
    }
    more()
  }
  const server = isTls
    ? createHttpsServer({ key: pem, cert: pem }, answer)
    : createHttpServer(answer)
  return { port: await listen(server), sockets }
}

function digestOf(mark: number): string {
  const digest = createHash('sha256')
  const own = Buffer.from(piece).fill(mark, 0, 1)
  for (let count = 0; count < mark; count++) digest.update(own)
  return digest.digest('hex')
}

async function open(agent: Agent, isTls: boolean, port: number, path: string) {
  const request = (isTls ? getHttps : getHttp)({ agent, host: '127.0.0.1', port, path })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

describe.each([
  ['http', false],
  ['https', true],
])('sharedReads over %s', (_name, isTls) => {
  it('keeps apart what comes at a time, also where it is taken slowly', async () => {
    const { port, sockets } = await serve(isTls)
    const agent = agentOf(isTls)
    const marks = [1, 2, 3, 40, 41, 42, 43, 44]
    const digests = await Promise.all(
      marks.map(async (mark) => {
        const response = await open(agent, isTls, port, `/${mark}`)
        const digest = createHash('sha256')
        let chunks = 0
        await pourStream(response, (chunk) => {
          if (chunks++ % 5 > 0) return void digest.update(chunk)
          return sleep(3).then(() => void digest.update(chunk))
        })
        return digest.digest('hex')
      }),
    )
    expect(digests).toEqual(marks.map(digestOf))
    expect(sockets.size).toBe(4)
  })

  it('lets no memory gather', async () => {
    const { port } = await serve(isTls)
    const agent = agentOf(isTls)
    const response = await open(agent, isTls, port, '/650')
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    let taken = 0
    await pourStream(response, (chunk) => {
      taken += chunk.byteLength
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      return undefined
    })
    expect(taken).toBe(650 * piece.byteLength)
    expect(most).toBeLessThan(8 * megabyte)
  })
})

it('an idle connection on which something comes is given up', async () => {
  let peer: Socket | undefined
  const server = createTcpServer((socket) => {
    peer = socket
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  const port = await listen(server)
  const agent = agentOf(false)
  const response = await open(agent, false, port, '/')
  await pourStream(response, () => undefined)
  await sleep(20)
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
  peer?.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
  await once(peer as Socket, 'close')
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(0)
})
