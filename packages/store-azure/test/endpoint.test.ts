import type * as Dns from 'node:dns'
import { createAzureStore } from '@prefect-ts/store-azure'
import { expect, it, vi } from 'vitest'

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

it('an account whose name leads to a metadata address is refused before anything is sent', async () => {
  const connectionString = 'AccountName=a;AccountKey=a2V5;BlobEndpoint=https://harmless.test'
  const store = createAzureStore({ container: 'vec', connectionString })
  await expect(store.head('k')).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining('harmless.test leads to 169.254.169.254'),
  })
})
