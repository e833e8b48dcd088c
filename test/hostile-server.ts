import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as a test says. */
export interface HostileServer {
  url: string
  /** An empty folder at first, for downloads. */
  folder: string
  answer: Answer
}

/** What servers of objects say of one. */
export const aboutObject: Readonly<Record<string, string>> = {
  etag: '"1"',
  'last-modified': new Date(0).toUTCString(),
}

/** Answers with a part that nobody asked for, by what is wrong with it. */
export const unaskedParts: [string, Record<string, string>][] = [
  ['that is a part, and not which', {}],
  ['that is the start of a longer one', { 'content-range': 'bytes 0-4/1000' }],
  ['that is the end of a longer one', { 'content-range': 'bytes 5-9/10' }],
]

/** A server of a test file, which starts before its tests and is gone with its folder afterwards. */
export function useHostileServer(): HostileServer {
  const hostile: HostileServer = { url: '', folder: '', answer: () => undefined }
  const server = createServer((request, response) => {
    request.resume().on('end', () => hostile.answer(request, response))
    response.on('error', () => undefined)
  })
  beforeAll(async () => {
    hostile.folder = await mkdtemp(join(tmpdir(), 'hostile-'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    hostile.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await rm(hostile.folder, { recursive: true })
  })
  return hostile
}

/** Sends MiB after MiB, of which each is told: so many that a test can fail. */
export function sendEndless(response: ServerResponse, told: (mebibytes: number) => void): void {
  const piece = Buffer.alloc(1024 * 1024, '<Item></Item>')
  let pieces = 0
  const more = (): void => {
    while (pieces < 200) {
      told(++pieces)
      if (!response.write(piece)) return void response.once('drain', more)
    }
    response.destroy()
  }
  more()
}
