import type * as Dns from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAzureStore } from '@prefect-ts/store-azure'
import { afterEach, expect, it, vi } from 'vitest'

// A name server that leads a harmless name to where a machine hands out its own credentials.
vi.mock('node:dns', async (load) => {
  const dns = await load<typeof Dns>()
  const lookup = (name: string, options: object, done: (...answer: unknown[]) => void): void => {
    if (!name.startsWith('harmless.')) return dns.lookup(name, options as never, done as never)
    const address = '169.254.169.254'
    if ('all' in options && options.all === true) done(null, [{ address, family: 4 }])
    else done(null, address, 4)
  }
  return { ...dns, default: dns, lookup }
})

afterEach(() => vi.unstubAllEnvs())

it.each([
  ['harmless.test', 'AccountName=a;AccountKey=a2V5;BlobEndpoint=https://harmless.test'],
  ['harmless.blob.core.windows.net', 'AccountName=harmless;AccountKey=a2V5'],
])('an account whose name, %s, leads to a metadata address is refused', async (name, text) => {
  const store = createAzureStore({ container: 'vec', connectionString: text })
  await expect(store.head('k')).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(`${name} leads to 169.254.169.254`),
  })
})

it('a proxy of the environment is asked, and not the account', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createServer(({ url }, response) => {
    asked.push(url?.split('?')[0])
    response.writeHead(404, { 'x-ms-error-code': 'BlobNotFound' }).end()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  try {
    const account = 'AccountName=a;AccountKey=a2V5;BlobEndpoint=http://willow.test/a'
    const store = createAzureStore({ container: 'vec', connectionString: account })
    expect(await store.head('k')).toBeUndefined()
    expect(asked).toEqual(['http://willow.test/a/vec/k'])
  } finally {
    proxy.close()
  }
})
