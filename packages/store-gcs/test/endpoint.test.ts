import type * as Dns from 'node:dns'
import { openStore } from '@prefect-ts/store'
import { createGcsStore, gcsAdapter } from '@prefect-ts/store-gcs'
import { expect, it, vi } from 'vitest'
import { startTokenServer } from '../../../test/servers/token-server.ts'
import { clientOf } from './client.ts'

// A name server that leads a harmless name to where a machine hands out its own credentials.
vi.mock('node:dns', async (load) => {
  const dns = await load<typeof Dns>()
  const lookup = (name: string, options: object, done: (...answer: unknown[]) => void): void => {
    if (name !== 'harmless.test') return dns.lookup(name, options as never, done as never)
    const address = '169.254.169.254'
    if ('all' in options && options.all === true) done(null, [{ address, family: 4 }])
    else done(null, address, 4)
  }
  return { ...dns, default: dns, lookup }
})

const refused = {
  code: 'INVALID_CONFIG',
  message: expect.stringContaining('harmless.test leads to 169.254.169.254'),
}

it('an endpoint whose name leads to a metadata address is refused when it is looked up', async () => {
  const store = createGcsStore({ bucket: 'vec', storage: clientOf('https://harmless.test') })
  await expect(store.head('k')).rejects.toMatchObject(refused)
})

it('and so is a token_uri', async () => {
  const tokens = await startTokenServer()
  try {
    const info = { ...tokens.key, token_uri: 'https://harmless.test/token' }
    const data = { bucket: 'vec', gcp_credentials: { service_account_info: info } }
    const store = await openStore({ type: 'gcs-bucket', data }, { adapters: [gcsAdapter] })
    await expect(store.head('k')).rejects.toMatchObject(refused)
  } finally {
    await tokens.stop()
  }
})
