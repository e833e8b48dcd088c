import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { openStore } from '@prefect-ts/store'
import type { Store } from '@prefect-ts/store'
import { azureAdapter } from '@prefect-ts/store-azure'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startAzurite } from '../../../test/servers/azurite.ts'
import type { AzuriteServer } from '../../../test/servers/azurite.ts'
import { makeCertificate } from '../../../test/servers/certificate.ts'
import { startEntra } from '../../../test/servers/entra.ts'
import type { EntraServer } from '../../../test/servers/entra.ts'
import { slowBody } from '../../../test/slow-body.ts'
import { trials } from '../../../test/trials.ts'
import { trueTime } from '../../../test/true-time.ts'
import { createContainer } from './container.ts'

// R15: neither the end of a token of Microsoft Entra nor a clock that is wrong breaks a transfer. Azurite judges each
// token by its own clock; it takes tokens over https only.

const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-entra-'))
const authorities = tls.getCACertificates('default')
const pieceSize = 8 * 1024 * 1024
let azure: AzuriteServer
let entra: EntraServer
let container: string

beforeAll(async () => {
  const pem = makeCertificate()
  const certificate = join(folder, 'server.pem')
  writeFileSync(certificate, pem)
  tls.setDefaultCACertificates([...authorities, pem.slice(0, pem.indexOf('-----BEGIN PRIVATE'))])
  azure = await startAzurite({ certificate })
  entra = await startEntra(pem)
  container = await createContainer(azure.connectionString)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})
afterAll(async () => {
  tls.setDefaultCACertificates(authorities)
  await entra?.stop()
  await azure?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** A store that has no token yet. */
async function open(lifetime: number): Promise<Store> {
  vi.stubEnv('AZURE_AUTHORITY_HOST', entra.url)
  entra.lifetime = lifetime
  entra.given = 0
  const principal = { client_id: 'c', tenant_id: 'adfs', client_secret: 's' }
  const data = {
    container_name: container,
    credentials: { account_url: azure.url, ...principal },
  }
  return await openStore(
    { type: 'azure-blob-storage-container', data },
    { adapters: [azureAdapter] },
  )
}

const count = trials(1, 20)
const pieces = trials(5, 30)

it(
  `tokens of 2 s are renewed during an upload of ${pieces} parts (${count} times)`,
  { timeout: 900_000 },
  async () => {
    for (let trial = 0; trial < count; trial++) {
      const store = await open(2)
      await store.put('long', slowBody(pieces, pieceSize))
      const content = await new Response((await store.get('long'))?.body).bytes()
      expect(content.byteLength).toBe(pieces * pieceSize)
      for (let piece = 0; piece < pieces; piece++) {
        expect(content[piece * pieceSize]).toBe(piece)
        expect(content[(piece + 1) * pieceSize - 1]).toBe(piece)
      }
      expect(entra.given).toBeGreaterThan(1)
    }
  },
)

it(
  `a clock that is 20 minutes before or behind is no obstacle (${2 * count} times)`,
  { timeout: 900_000 },
  async () => {
    for (let trial = 0; trial < count; trial++) {
      for (const sign of [-1, 1]) {
        vi.useFakeTimers({ toFake: ['Date'], now: trueTime() + sign * 1_200_000 })
        const store = await open(3_600)
        await store.put('skewed', new Uint8Array(pieceSize + 1))
        expect((await store.head('skewed'))?.size).toBe(pieceSize + 1)
        expect(entra.given).toBe(1)
        vi.useRealTimers()
      }
    }
  },
)
