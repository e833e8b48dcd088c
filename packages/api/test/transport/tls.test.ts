import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { afterAll, expect, test } from 'vitest'
import { createAuthority } from './certificates.ts'
import { failureOf, later, listen, transportTo } from './setup.ts'

const authority = createAuthority('own')
const stranger = createAuthority('stranger')
afterAll(() => {
  authority.remove()
  stranger.remove()
})
const get = { method: 'GET', template: '/health' }
const trusted = { PREFECT_API_SSL_CERT_FILE: authority.file, PREFECT_API_KEY: 'pnu_c4nary-key' }

/** A server that answers 7 over TLS, and counts what reaches it. */
async function serveTls(options: TlsOptions): Promise<{ apiUrl: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer(options, (request, response) => {
    requests.push(String(request.headers.authorization))
    response.end('7')
  })
  server.on('tlsClientError', () => {})
  return { apiUrl: `https://localhost:${await listen(server)}/api`, requests }
}

const good = authority.sign()
const intermediate = authority.sign({ isAuthority: true })

const badServers: [name: string, options: TlsOptions, reason: string][] = [
  ['an expired certificate', authority.sign({ days: -1 }), 'the certificate has expired'],
  ['a certificate signed by itself', stranger, 'the certificate is signed by itself'],
  [
    'a certificate for another host',
    authority.sign({ host: 'DNS:other.example' }),
    'the certificate is for another host',
  ],
  [
    'a certificate of an unknown authority',
    stranger.sign(),
    'is of an authority that is not trusted',
  ],
  ['a chain without its middle', intermediate.sign(), 'is of an authority that is not trusted'],
  [
    'a chain through a certificate that is no authority',
    (() => {
      const leaf = good.sign()
      return { key: leaf.key, cert: leaf.cert + good.cert }
    })(),
    'INVALID_',
  ],
  [
    'TLS 1.1 only',
    { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
    '',
  ],
]

test.each(badServers)('%s is refused before anything is sent', async (_, options, reason) => {
  const { apiUrl, requests } = await serveTls(options)
  const transport = transportTo(apiUrl, { env: trusted })
  const error = await failureOf(transport.send(get))
  expect(error).toMatchObject({ code: 'TLS_FAILED', retryable: false })
  expect(error.message).toContain(reason)
  expect(error.message).toContain('PREFECT_API_SSL_CERT_FILE')
  expect(requests).toEqual([])
  // It would be the same certificate again.
  expect(transport.waits).toEqual([])
})

test('a server that speaks no TLS is refused', async () => {
  const requests: string[] = []
  const plain = createPlainServer((request, response) => {
    requests.push(String(request.url))
    response.end('7')
  })
  const apiUrl = `https://localhost:${await listen(plain)}/api`
  const error = await failureOf(transportTo(apiUrl, { env: trusted }).send(get))
  expect(error.code).toBe('TLS_FAILED')
  expect(requests).toEqual([])
})

test('there are eight of them', () => expect(badServers.length + 1).toBe(8))

test('an own authority is trusted where it is named, and only there', async () => {
  const { apiUrl, requests } = await serveTls(good)
  expect(await transportTo(apiUrl, { env: trusted }).send(get)).toBe(7)
  const byProcess = { SSL_CERT_FILE: authority.file }
  expect(await transportTo(apiUrl, { env: byProcess }).send(get)).toBe(7)
  expect((await failureOf(transportTo(apiUrl).send(get))).code).toBe('TLS_FAILED')
  expect(requests).toEqual(['Bearer pnu_c4nary-key', 'undefined'])
})

test('the insecure switch lets all of them through, and warns, once for each server', async () => {
  const warnings: Error[] = []
  const listener = (warning: Error): number => warnings.push(warning)
  process.on('warning', listener)
  later(() => process.off('warning', listener))
  const env = { PREFECT_API_TLS_INSECURE_SKIP_VERIFY: 'true' }
  const servers = badServers.slice(0, 5)
  for (const [, options] of servers) {
    const { apiUrl } = await serveTls(options)
    for (let count = 0; count < 2; count += 1) {
      expect(await transportTo(apiUrl, { env }).send(get)).toBe(7)
    }
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings.at(-1)?.message).toContain(`TLS certificates are not verified for ${apiUrl}`)
  }
  expect(warnings).toHaveLength(servers.length)
  expect(warnings[0]).toMatchObject({ name: 'PrefectWarning', code: 'TLS_NOT_VERIFIED' })
  expect(warnings[0]?.message).toContain('PREFECT_API_TLS_INSECURE_SKIP_VERIFY')
})

test.each([
  ['is not there', '/nowhere/ca.pem', 'ENOENT'],
  ['holds no certificate', import.meta.filename, 'no certificates'],
])(
  'a certificate file that %s: INVALID_SETTING, with the place of its name',
  async (_, file, why) => {
    const env = { PREFECT_API_SSL_CERT_FILE: file }
    const error = await failureOf(transportTo('https://localhost:1/api', { env }).send(get))
    expect(error.code).toBe('INVALID_SETTING')
    expect(error.message).toBe(
      `Cannot use the certificates in ${file} (from environment variable PREFECT_API_SSL_CERT_FILE): ${why}`,
    )
  },
)

test('a server that stalls in the handshake ends with the limit', async () => {
  const port = await listen(createTcpServer(() => {}))
  const transport = transportTo(`https://localhost:${port}/api`, { env: trusted })
  const start = performance.now()
  const error = await failureOf(transport.send({ ...get, timeoutMs: 300 }))
  expect(error.code).toBe('TIMEOUT')
  expect(performance.now() - start).toBeLessThan(1500)
})
