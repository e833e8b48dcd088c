// The connections that ranges are read over, against a server that says byte for byte what it is told.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createDirectConnections, isPourable } from '../src/direct-answers.ts'
import type { DirectAnswer, DirectConnections } from '../src/direct-answers.ts'
import { makeCertificate } from '../../../test/servers/certificate.ts'

let pem = ''
let server: Server | undefined
let connections: DirectConnections | undefined
/** Connections of the server that are closed on both sides. */
const closed = new Set<number>()

beforeAll(() => {
  pem = makeCertificate()
})
afterEach(() => {
  connections?.destroy()
  server?.close()
})

/** A server that answers each request as `answer` does. */
async function serve(
  answer: (socket: Socket, request: string, connection: number) => void,
  tls?: { key: string; cert: string },
): Promise<number> {
  let count = 0
  closed.clear()
  const listener = (socket: Socket): void => {
    const connection = ++count
    let text = ''
    socket.on('error', () => undefined)
    socket.on('close', () => closed.add(connection))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      while (text.includes('\r\n\r\n')) {
        const end = text.indexOf('\r\n\r\n') + 4
        answer(socket, text.slice(0, end), connection)
        text = text.slice(end)
      }
    })
  }
  server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const head = (length: number, more = '', status = '206 Partial Content'): string =>
  `HTTP/1.1 ${status}\r\ncontent-range: bytes 0-1/9\r\ncontent-length: ${length}\r\n${more}\r\n`

async function open(
  port: number,
  more: {
    isTls?: boolean
    signal?: AbortSignal
    headers?: Record<string, string>
    idleTimeoutMs?: number
  } = {},
): Promise<DirectAnswer | undefined> {
  const { isTls = false, signal, headers = { 'x-a': '1' }, idleTimeoutMs = 15_000 } = more
  const request = { isTls, host: '127.0.0.1', port, method: 'GET', path: '/b/k?x-id=1', headers }
  const limits = { connectTimeoutMs: 15_000, idleTimeoutMs, touch: () => undefined }
  return await connections?.open(request, { ...limits, abortSignal: signal })
}

async function pour(answer: DirectAnswer | undefined, isSlow = false): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (!isPourable(answer?.body)) throw new Error(`status ${answer?.statusCode}, nothing to pour`)
  await answer.body.pour((chunk) => {
    if (!isSlow) return void chunks.push(Buffer.from(chunk))
    // Its memory is ours until this settles.
    return new Promise((resolve) => {
      setTimeout(() => {
        chunks.push(Buffer.from(chunk))
        resolve()
      }, 1)
    })
  })
  return Buffer.concat(chunks)
}

const content = randomBytes(3_000_000)

describe('an answer that is understood', () => {
  it('is poured whole, however it is cut, over one connection', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const seen: [string, number][] = []
    const port = await serve((socket, request, connection) => {
      seen.push([request, connection])
      socket.write(head(content.byteLength).slice(0, 20))
      setTimeout(() => {
        socket.write(head(content.byteLength).slice(20))
        socket.write(content)
      }, 5)
    })
    for (const isSlow of [false, true]) {
      expect((await pour(await open(port), isSlow)).equals(content)).toBe(true)
    }
    expect(seen.map(([, connection]) => connection)).toEqual([1, 1])
    expect(seen[0]?.[0]).toBe(
      `GET /b/k?x-id=1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-a: 1\r\n\r\n`,
    )
  })

  it('comes over TLS, from a server that is known', async () => {
    const port = await serve(
      (socket) => socket.write(Buffer.concat([Buffer.from(head(content.byteLength)), content])),
      { key: pem, cert: pem },
    )
    connections = createDirectConnections({ maxSockets: 4 })
    await expect(open(port, { isTls: true })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    for (const trust of [{ ca: pem }, { rejectUnauthorized: false }]) {
      connections.destroy()
      connections = createDirectConnections({ maxSockets: 4, ...trust })
      for (const isSlow of [false, true]) {
        const seen = await pour(await open(port, { isTls: true }), isSlow)
        expect(seen.equals(content)).toBe(true)
      }
    }
  })

  it("can be read as a stream, at its reader's speed", async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => {
      socket.write(head(content.byteLength))
      socket.write(content)
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of (await open(port))?.body ?? []) {
      chunks.push(chunk as Uint8Array)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
    // A reader that leaves takes its connection with it.
    const left = (await open(port))?.body
    for await (const chunk of left ?? []) {
      expect(chunk).toBeInstanceOf(Uint8Array)
      break
    }
    expect(left?.destroyed).toBe(true)
  })

  it('may be one of an error', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(`${head(2, '', '403 Forbidden')}no`))
    const answer = await open(port)
    expect(answer).toMatchObject({ statusCode: 403, reason: 'Forbidden' })
    expect((await pour(answer)).toString()).toBe('no')
  })

  it('may be empty, and may come with its head', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    let body = ''
    const port = await serve((socket) => socket.write(head(body.length) + body))
    for (body of ['', 'x', 'some more']) {
      expect((await pour(await open(port))).toString()).toBe(body)
    }
  })

  it('leaves a connection that the server closes', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const used: number[] = []
    const port = await serve((socket, _request, connection) => {
      used.push(connection)
      if (connection === 1) socket.write(`${head(2, 'connection: close\r\n')}ok`)
      else if (connection === 2) socket.end(`${head(2)}ok`)
      else socket.write(`${head(2)}ok`)
    })
    for (let round = 1; round <= 4; round++) {
      expect((await pour(await open(port))).toString()).toBe('ok')
      // The client hears of the end no sooner than its event loop gets to it.
      if (round <= 2) await vi.waitUntil(() => closed.has(round), { timeout: 10_000 })
    }
    expect(used).toEqual([1, 2, 3, 3])
  })
})

describe('what is not understood is left to node:http', () => {
  const answers: [name: string, text: string][] = [
    ['no content', head(0, '', '204 No Content')],
    [
      'chunks',
      'HTTP/1.1 206 P\r\ncontent-range: bytes 0-1/9\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    ['chunks and a length', `${head(2, 'transfer-encoding: chunked\r\n')}ok`],
    ['packed', `${head(2, 'content-encoding: gzip\r\n')}ok`],
    ['two lengths', `${head(2, 'content-length: 3\r\n')}ok`],
    ['no length', 'HTTP/1.1 206 P\r\ncontent-range: bytes 0-1/9\r\n\r\nok'],
    ['a length that is none', head(2).replace('length: 2', 'length: -2')],
    ['HTTP/1.0', head(2).replace('HTTP/1.1', 'HTTP/1.0')],
    ['a header of two lines', `${head(2, 'x-a: 1\r\n 2\r\n')}ok`],
    ['a space before the colon', `${head(2, 'x-a : 1\r\n')}ok`],
    ['an interim answer', `HTTP/1.1 100 Continue\r\n\r\n${head(2)}ok`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ]
  it.each(answers)('%s', async (_name, text) => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(text))
    expect(await open(port)).toBeUndefined()
  })

  it('and so is a request when no connection is free', async () => {
    connections = createDirectConnections({ maxSockets: 1 })
    const port = await serve((socket) => socket.write(`${head(2)}ok`))
    const first = await open(port)
    expect(await open(port)).toBeUndefined()
    expect((await pour(first)).toString()).toBe('ok')
    expect((await pour(await open(port))).toString()).toBe('ok')
  })
})

describe('what goes wrong', () => {
  it('a content that breaks off, before and while it is poured', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    let after = 0
    const port = await serve((socket) => {
      socket.write(head(content.byteLength))
      socket.end(content.subarray(0, after))
    })
    for (after of [0, 1, 300_000]) {
      const answer = await open(port)
      if (after === 1) await new Promise((resolve) => setTimeout(resolve, 100))
      await expect(pour(answer, after > 1)).rejects.toMatchObject({ code: 'ECONNRESET' })
      const reading = (await open(port))?.body.toArray()
      await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
    }
  })

  it('more than was said', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(`${head(2)}okay`))
    await expect(pour(await open(port))).rejects.toThrow('more than it said')
  })

  it('a head without an end', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(`HTTP/1.1 206 ${'x'.repeat(100_000)}`))
    await expect(open(port)).rejects.toThrow('too long')
  })

  it('no answer', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve(() => undefined)
    await expect(open(port, { idleTimeoutMs: 500 })).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('an abort, at any time', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    let isMute = true
    const port = await serve((socket) => {
      if (!isMute) socket.write(`${head(9)}ok`)
    })
    const first = new AbortController()
    const opening = open(port, { signal: first.signal })
    setTimeout(() => first.abort(), 20)
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
    isMute = false
    const second = new AbortController()
    const pouring = pour(await open(port, { signal: second.signal }))
    setTimeout(() => second.abort(), 20)
    await expect(pouring).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('a sink that refuses', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(`${head(9)}ok`))
    for (const sink of [
      () => {
        throw new Error('refused')
      },
      () => Promise.reject(new Error('refused')),
    ]) {
      const answer = await open(port)
      if (!isPourable(answer?.body)) throw new Error('nothing to pour')
      await expect(answer.body.pour(sink)).rejects.toThrow('refused')
    }
  })

  it('a request that would say something else than was meant', async () => {
    connections = createDirectConnections({ maxSockets: 4 })
    const port = await serve((socket) => socket.write(`${head(2)}ok`))
    await expect(open(port, { headers: { 'x-a': '1\r\nx-b: 2' } })).rejects.toMatchObject({
      code: 'ERR_INVALID_CHAR',
    })
    await expect(open(port, { headers: { 'x-a: 1\r\nx-b': '2' } })).rejects.toMatchObject({
      code: 'ERR_INVALID_HTTP_TOKEN',
    })
  })
})

it('connections that are left idle do not keep a process', () => {
  const script = `
    import { createServer } from 'node:net'
    import { createDirectConnections } from '${new URL('../src/direct-answers.ts', import.meta.url).href}'
    const answer = ${JSON.stringify(`${head(2)}ok`)}
    const server = createServer((socket) => socket.on('error', () => undefined).on('data', () => socket.write(answer)))
    server.listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      const limits = { connectTimeoutMs: 15_000, idleTimeoutMs: 60_000, touch() {} }
      const request = { isTls: false, host: '127.0.0.1', port, method: 'GET', path: '/', headers: {} }
      const { body } = await createDirectConnections({ maxSockets: 1 }).open(request, limits)
      await body.pour(() => undefined)
      server.close()
      console.log('done')
    })`
  const args = ['-C', '@prefect-ts/source', '--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })).toBe('done\n')
})
