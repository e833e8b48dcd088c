import { validateHeaderName, validateHeaderValue } from 'node:http'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket, TcpNetConnectOpts } from 'node:net'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ChunkSink } from '@prefect-ts/store'
import { lookupUnlessMetadata } from '@prefect-ts/store/adapter'

/** A request, ready to be sent. */
export interface DirectRequest {
  readonly isTls: boolean
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** How long things may take, and who wants to know. */
export interface DirectLimits {
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly abortSignal: AbortSignal | undefined
  readonly touch: () => void
}

/** An answer whose content is read from it as a stream, or poured. */
export interface DirectAnswer {
  readonly statusCode: number
  readonly reason: string
  readonly headers: Record<string, string>
  readonly body: Readable & Pourable
}

/** A content that is handed on as it comes. */
export interface Pourable {
  /** Gives all of it to the sink; once, instead of being read as a stream. */
  pour(sink: ChunkSink): Promise<void>
}

/** Whether something can be poured. */
export function isPourable(body: unknown): body is Pourable {
  return typeof body === 'object' && body !== null && 'pour' in body
}

export interface DirectConnectionsOptions {
  readonly ca?: string | undefined
  readonly rejectUnauthorized?: boolean | undefined
  /** Connections at a time. */
  readonly maxSockets: number
}

/** Connections of their own, for answers of which the length is known. */
export interface DirectConnections {
  /**
   * Sends a GET. Undefined when node:http has to do it: no connection is free, or the answer is none of those that
   * are understood here.
   */
  open(request: DirectRequest, limits: DirectLimits): Promise<DirectAnswer | undefined>
  destroy(): void
}

const readSize = 256 * 1024
const maxHeadSize = 32 * 1024
// Ranges follow each other at once. A server may close a connection that has been quiet for longer.
const keepIdleMs = 1_000

interface Connection {
  readonly socket: Socket
  /** Takes what comes in; false stops the reading. Without one, whatever comes ends the connection. */
  onBytes: ((bytes: Buffer) => boolean) | undefined
  onEnd: ((error: Error) => void) | undefined
}

/**
 * Reads answers, without TLS into one piece of memory per connection. node:http allocates and copies every chunk, which is most of
 * what a download on a fast network costs: 240 ms of CPU for 256 MiB, where this takes 60. What it understands is kept
 * narrow: HTTP/1.1, one Content-Length, no transfer or content coding.
 */
export function createDirectConnections(options: DirectConnectionsOptions): DirectConnections {
  const { maxSockets } = options
  const all = new Set<Connection>()
  const idle = new Map<string, Connection[]>()

  function connect(request: DirectRequest, limits: DirectLimits): Connection {
    const { isTls, host, port } = request
    const where: TcpNetConnectOpts = { host, port, lookup: lookupUnlessMetadata }
    const socket = isTls
      ? connectTls({
          ...where,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(options.ca === undefined ? {} : { ca: options.ca }),
          ...(options.rejectUnauthorized === undefined
            ? {}
            : { rejectUnauthorized: options.rejectUnauthorized }),
        })
      : connectTcp({
          ...where,
          onread: {
            buffer: Buffer.allocUnsafeSlow(readSize),
            callback: (count, { buffer, byteOffset }) =>
              receive(Buffer.from(buffer, byteOffset, count)),
          },
        })
    const connection: Connection = { socket, onBytes: undefined, onEnd: undefined }
    all.add(connection)
    const { connectTimeoutMs } = limits
    const connecting = setTimeout(() => {
      socket.destroy(timeout(`no connection after ${connectTimeoutMs} ms`))
    }, connectTimeoutMs)
    socket.once('connect', () => {
      clearTimeout(connecting)
      limits.touch()
    })
    if (isTls) {
      // With `onread` records would go on coming, into the memory that is in use, after it was told to stop.
      socket.on('data', (bytes) => {
        if (!receive(bytes)) socket.pause()
      })
    }
    socket.setNoDelay(true)
    socket.on('timeout', () => socket.destroy(timeout('nothing moved for too long')))
    socket.on('error', (error) => connection.onEnd?.(error))
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(connecting)
      all.delete(connection)
      connection.onEnd?.(
        Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }),
      )
    })
    return connection

    function receive(bytes: Buffer): boolean {
      if (connection.onBytes !== undefined) return connection.onBytes(bytes)
      socket.destroy()
      return true
    }
  }

  function take(place: string): Connection | undefined {
    const free = idle.get(place) ?? []
    for (let found = free.pop(); found !== undefined; found = free.pop()) {
      if (found.socket.destroyed) continue
      found.socket.ref()
      return found
    }
    return undefined
  }

  function release(place: string, connection: Connection): void {
    connection.onBytes = undefined
    connection.onEnd = undefined
    const { socket } = connection
    socket.setTimeout(keepIdleMs)
    socket.unref()
    const free = idle.get(place)?.filter((one) => !one.socket.destroyed) ?? []
    idle.set(place, [...free, connection])
  }

  return {
    async open(request, limits) {
      const head = headOf(request)
      const place = `${request.isTls} ${request.host} ${request.port}`
      const kept = take(place)
      if (head === undefined || (kept === undefined && all.size >= maxSockets)) return undefined
      const connection = kept ?? connect(request, limits)
      const { socket } = connection
      socket.setTimeout(limits.idleTimeoutMs)
      const onAbort = (): void => void socket.destroy(abortError())
      limits.abortSignal?.addEventListener('abort', onAbort, { once: true })
      const settle = (): void => limits.abortSignal?.removeEventListener('abort', onAbort)
      try {
        const received = await new Promise<ReceivedHead>((resolve, reject) => {
          connection.onEnd = reject
          connection.onBytes = collectHead(resolve, reject)
          socket.write(head, 'latin1')
        })
        socket.setTimeout(0)
        limits.touch()
        const answer = understand(received)
        if (answer === undefined) {
          settle()
          connection.onEnd = undefined
          socket.destroy()
          return undefined
        }
        const done = (isClean: boolean): void => {
          settle()
          if (isClean && answer.keepsAlive) release(place, connection)
          else socket.destroy()
        }
        return { ...answer, body: bodyOf(connection, received.rest, answer.length, done) }
      } catch (error) {
        settle()
        socket.destroy()
        throw error
      }
    },
    destroy() {
      for (const { socket } of all) socket.destroy()
    },
  }
}

/** The bytes of a request's head; undefined when they could say something else than was meant. */
function headOf({ method, path, headers, host, port }: DirectRequest): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(path)) return undefined
  const lines = [`${method} ${path} HTTP/1.1`]
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  if (!names.includes('host')) lines.push(`host: ${host}:${port}`)
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    lines.push(`${name}: ${value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

interface ReceivedHead {
  readonly text: string
  /** What of the content came with it. */
  readonly rest: Buffer
}

function collectHead(resolve: (head: ReceivedHead) => void, reject: (error: Error) => void) {
  let collected: Buffer | undefined
  return (bytes: Buffer): boolean => {
    const all = collected === undefined ? bytes : Buffer.concat([collected, bytes])
    const end = all.indexOf('\r\n\r\n')
    if (end === -1 && all.byteLength <= maxHeadSize) {
      collected = Buffer.from(all)
      return true
    }
    if (end === -1) reject(new Error('the head of the answer is too long'))
    // What came with it may stay where it is: nothing more is read before it was taken.
    else resolve({ text: all.toString('latin1', 0, end), rest: all.subarray(end + 4) })
    return false
  }
}

interface Understood extends Omit<DirectAnswer, 'body'> {
  /** Bytes of the content. */
  readonly length: number
  readonly keepsAlive: boolean
}

/** Reads the head of an answer; undefined when it is not as simple as it has to be here. */
function understand({ text }: ReceivedHead): Understood | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const [, status, reason = ''] = /^HTTP\/1\.1 (\d{3})(?: (.*))?$/.exec(first) ?? []
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value = ''] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined) return undefined
    const key = name.toLowerCase()
    headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value
  }
  const statusCode = Number(status)
  const hasContent = statusCode >= 200 && statusCode !== 204 && statusCode !== 304
  const length = headers['content-length'] ?? ''
  const isCoded = 'transfer-encoding' in headers || 'content-encoding' in headers
  if (!hasContent || isCoded || !/^\d{1,15}$/.test(length)) return undefined
  const keepsAlive = !/\bclose\b/i.test(headers['connection'] ?? '')
  return { statusCode, reason, headers, keepsAlive, length: Number(length) }
}

function bodyOf(
  connection: Connection,
  early: Buffer,
  length: number,
  done: (isClean: boolean) => void,
): Readable & Pourable {
  const { socket } = connection
  let isOver = false
  const end = (isClean: boolean): void => {
    if (!isOver) done(isClean)
    isOver = true
  }
  let isPoured = false
  let more: (() => void) | undefined
  const body = new Readable({
    read() {
      more?.()
      if (isPoured) return
      // What is pushed outlives the memory that it came in.
      const push: ChunkSink = (bytes) =>
        this.push(Buffer.from(bytes)) ? undefined : new Promise((resolve) => (more = resolve))
      pour(push).then(
        () => this.push(null),
        (error: unknown) => this.destroy(error as Error),
      )
    },
    destroy(error, callback) {
      end(false)
      callback(error)
    },
  })
  // Whoever reads it hears of an error; nobody else shall crash.
  body.on('error', () => undefined)
  let failure: Error | undefined
  connection.onEnd = (error) => (failure ??= error)

  const pour = (sink: ChunkSink): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      isPoured = true
      let left = length
      const fail = (error: unknown): void => {
        end(false)
        reject(error)
      }
      /** Whether to read on; an idle connection is read to see it close. */
      const taken = (): boolean => {
        if (left === 0) {
          connection.onEnd = undefined
          end(true)
          resolve()
        } else if (failure !== undefined) {
          fail(failure)
          return false
        }
        return true
      }
      const resume = (): void => {
        if (taken()) socket.resume()
      }
      const deliver = (bytes: Buffer): boolean => {
        left -= bytes.byteLength
        if (left < 0) {
          fail(new Error('the server sent more than it said'))
          return false
        }
        try {
          const taking = bytes.byteLength === 0 ? undefined : sink(bytes)
          if (taking === undefined) return taken()
          taking.then(resume).catch(fail)
        } catch (error) {
          fail(error)
        }
        return false
      }
      if (failure !== undefined) return fail(failure)
      connection.onEnd = (error) => {
        failure ??= error
        fail(error)
      }
      connection.onBytes = deliver
      if (deliver(early)) socket.resume()
    })
  return Object.assign(body, { pour })
}

function timeout(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' })
}

function abortError(): Error {
  return Object.assign(new Error('the request was aborted'), { name: 'AbortError' })
}
