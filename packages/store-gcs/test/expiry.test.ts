import { randomUUID } from 'node:crypto'
import { openStore } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { gcsAdapter } from '@prefect-ts/store-gcs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import { startFaultProxy } from '../../../test/servers/fault-proxy.ts'
import type { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import type { TokenServer } from '../../../test/servers/token-server.ts'
import { slowBody } from '../../../test/slow-body.ts'
import { trials } from '../../../test/trials.ts'
import { trueTime } from '../../../test/true-time.ts'

// R15: neither the end of a token nor a clock that is wrong breaks a transfer.

const url = inject('gcsUrl')
const bucket = `e-${randomUUID()}`
const pieceSize = 8 * 1024 * 1024
let google: TokenServer
let gcs: FaultProxy

beforeAll(async () => {
  google = await startTokenServer()
  gcs = await startFaultProxy(url)
  await createGcsBucket(url, bucket)
})
beforeEach(() => {
  vi.stubEnv('STORAGE_EMULATOR_HOST', gcs.url)
  google.tokens.length = 0
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  gcs.plan = () => undefined
  google.lifetime = 3_600
})
afterAll(async () => {
  await Promise.all([google.stop(), gcs.stop()])
})

async function open(): Promise<Store> {
  const data = { bucket, gcp_credentials: { service_account_info: google.key } }
  return await openStore({ type: 'gcs-bucket', data }, { adapters: [gcsAdapter] })
}

const count = trials(1, 20)
const pieces = trials(5, 30)

it(
  `tokens of 2 s are renewed during an upload of ${pieces} parts (${count} times)`,
  { timeout: 900_000 },
  async () => {
    google.lifetime = 2
    const firstUse = new Map<string, number>()
    gcs.plan = ({ headers }) => {
      const token = String(headers.authorization)
      const at = firstUse.get(token) ?? Date.now()
      firstUse.set(token, at)
      if (Date.now() - at < google.lifetime * 1_000) return undefined
      return { kind: 'answer', status: 401, body: '{"error":{"message":"Invalid Credentials"}}' }
    }
    const store = await open()
    for (let trial = 0; trial < count; trial++) {
      firstUse.clear()
      await store.put('long', slowBody(pieces, pieceSize))
      expect((await store.head('long'))?.size).toBe(pieces * pieceSize)
      expect(firstUse.size).toBeGreaterThan(1)
    }
  },
)

it('a token that is refused before its time is renewed at once', async () => {
  const store = await open()
  await store.put('k', 'x')
  gcs.plan = ({ headers }) =>
    headers.authorization === 'Bearer token-1' ? { kind: 'answer', status: 401 } : undefined
  await store.put('k', new Uint8Array(2 * pieceSize))
  expect(google.tokens).toEqual(['token-1', 'token-2'])
})

it(
  `a clock that is 20 minutes before or behind is no obstacle (${2 * count} times)`,
  { timeout: 900_000 },
  async () => {
    for (let trial = 0; trial < count; trial++) {
      for (const sign of [-1, 1]) {
        google.tokens.length = 0
        vi.useFakeTimers({ toFake: ['Date'], now: trueTime() + sign * 1_200_000 })
        const store = await open()
        await store.put('skewed', new Uint8Array(pieceSize + 1))
        expect((await store.head('skewed'))?.size).toBe(pieceSize + 1)
        expect(google.tokens).toEqual(['token-1'])
        vi.useRealTimers()
      }
    }
  },
)

it('a key that is refused at the right time too is an error', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: trueTime() + 1_200_000 })
  const other = await startTokenServer()
  await other.stop()
  const key = { ...google.key, private_key: other.key['private_key'] }
  const data = { bucket, gcp_credentials: { service_account_info: key } }
  const store = await openStore({ type: 'gcs-bucket', data }, { adapters: [gcsAdapter] })
  await expect(store.head('k')).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
    message: expect.stringMatching(/invalid_grant/),
  })
})
