import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isStoreError } from '../packages/store/src/index.ts'
import type { Store } from '../packages/store/src/index.ts'

const limitMs = 3_000
const answersAfterMs = 500
// Over 48 or 64 connections some six waves of them fit into the limit: the rest would be taken for stalled.
const calls = 640

/** That calls which wait for a connection of a full pool stall only where the others do. */
export function testStoreQueue(options: {
  openStore: (url: string, stallTimeoutMs: number) => Store
  /** Answers a `head`. */
  answer: (response: ServerResponse) => void
}): void {
  let server: Server
  let isMute = false

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume()
      if (!isMute) setTimeout(() => options.answer(response), answersAfterMs)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  function callAll(): Promise<PromiseSettledResult<unknown>[]> {
    const { port } = server.address() as AddressInfo
    const store = options.openStore(`http://127.0.0.1:${port}`, limitMs)
    return Promise.allSettled(Array.from({ length: calls }, (_, index) => store.head(`k${index}`)))
  }

  it(
    'calls that wait for a connection do not stall while others move',
    { timeout: 60_000 },
    async () => {
      isMute = false
      const outcomes = await callAll()
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    },
  )

  it('and do where nothing moves', { timeout: 60_000 }, async () => {
    isMute = true
    const started = performance.now()
    const outcomes = await callAll()
    expect(outcomes.filter((outcome) => !hasStalled(outcome))).toEqual([])
    expect(performance.now() - started).toBeLessThan(20_000)
  })
}

function hasStalled(outcome: PromiseSettledResult<unknown>): boolean {
  return outcome.status === 'rejected' && isStoreError(outcome.reason, 'STALLED', 'UNAVAILABLE')
}
