import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from '@prefect-ts/store'
import type { ByteRange, DriverCall, DriverObject } from '@prefect-ts/store'
import { emptyBody, pourStream, rangeBounds } from '@prefect-ts/store/adapter'
import { isTransient } from './gcs-error.ts'
import type { GcsObject } from './gcs-object.ts'
import { isConnectionError, readText, unreachable } from './transport.ts'
import type { GcsReply, Transport } from './transport.ts'

const maxResumes = 3
// So many bytes and the connection counts as a good one again.
const goodBytes = 1024 * 1024

/** The content of one version of an object, or what the server said instead. */
export type Opened = Pick<DriverObject, 'body' | 'pour'> | { readonly refused: GcsReply }

/**
 * Opens the content, or a range of it. A connection that breaks is taken up again where it broke, at the same
 * generation, several times as long as bytes keep coming.
 */
export async function objectBody(
  transport: Transport,
  path: string,
  object: GcsObject,
  call: DriverCall & { readonly range: ByteRange | undefined },
): Promise<Opened> {
  const [start, end] = rangeBounds(call.range, object.size)
  if (start >= end) return { body: emptyBody() }
  const isWhole = start === 0 && end === object.size
  const first = await openAt(start)
  if ('refused' in first) return first
  return {
    body: { [Symbol.asyncIterator]: () => read(first.response) },
    // What breaks off here is taken up again by the core.
    pour: (sink) =>
      pourStream(first.response, sink).catch((error: unknown) => {
        throw isConnectionError(error) ? brokenOff() : error
      }),
  }

  async function openAt(
    position: number,
  ): Promise<{ response: IncomingMessage } | { refused: GcsReply }> {
    // Without gzip in it Google unpacks objects that were stored packed, and their size is another one.
    const headers: Record<string, string> = { 'accept-encoding': 'gzip' }
    const isPart = !isWhole || position > start
    if (isPart) headers['range'] = `bytes=${position}-${end - 1}`
    for (let attempt = 1; ; attempt++) {
      let failure: unknown
      let reply: GcsReply | undefined
      try {
        const response = await transport.open({ method: 'GET', path, headers }, call)
        if (response.statusCode === (isPart ? 206 : 200)) {
          const from = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
          if (!isPart || Number(from) === position) return { response }
          response.destroy()
          throw new Error('the server answered with another range than asked for')
        }
        // A server that ignores the range of a repetition would double what was read before.
        const status = response.statusCode ?? 0
        if (status < 300) response.destroy()
        const text = status < 300 ? 'no partial content' : await readText(response, call)
        reply = { status, headers: response.headers, text }
        if (!isTransient(status)) return { refused: reply }
      } catch (error) {
        call.signal.throwIfAborted()
        if (!isConnectionError(error)) throw error
        failure = error
      }
      if (attempt === maxResumes) {
        if (reply !== undefined) return { refused: reply }
        throw unreachable(failure)
      }
      await sleep(100 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal: call.signal })
      call.touch()
    }
  }

  function read(opened: IncomingMessage): AsyncIterator<Uint8Array> {
    let response = opened
    let chunks = response[Symbol.asyncIterator]()
    let position = start
    let resumes = 0
    let resumedAt = start
    return {
      async next() {
        for (;;) {
          try {
            const step = await chunks.next()
            if (step.done !== true) {
              const value: unknown = step.value
              if (!(value instanceof Uint8Array)) throw new TypeError('text instead of bytes')
              position += value.byteLength
              if (position - resumedAt > goodBytes) resumes = 0
              return { done: false, value }
            }
            if (position >= end) return { done: true, value: undefined }
            // It ended early without an error: a server that gives no length.
          } catch (error) {
            call.signal.throwIfAborted()
            if (!isConnectionError(error)) throw error
          }
          response.destroy()
          if (++resumes > maxResumes) throw brokenOff()
          await sleep(50 * 2 ** resumes, undefined, { signal: call.signal })
          resumedAt = position
          const again = await openAt(position)
          if ('refused' in again) throw brokenOff(` (HTTP ${again.refused.status})`)
          response = again.response
          chunks = response[Symbol.asyncIterator]()
        }
      },
      return() {
        response.destroy()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
}

function brokenOff(why = ''): StoreError {
  return new StoreError(`The content broke off and could not be taken up again${why}`, {
    code: 'UNAVAILABLE',
  })
}
