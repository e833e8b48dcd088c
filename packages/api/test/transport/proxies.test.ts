import { execFileSync } from 'node:child_process'
import { createServer, request as forward } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isApiError } from '../../src/index.ts'
import { proxyFor } from '../../src/proxy.ts'
import { cleanEnvironment, venv } from '../../../../scripts/lib/prefect-server.ts'
import { json } from '../fault-server.ts'
import { createAuthority } from './certificates.ts'
import { failureOf, listen, serve, transportTo } from './setup.ts'

const authority = createAuthority('proxied')
afterAll(() => authority.remove())
const get = { method: 'GET', template: '/health' }

/** A proxy that forwards and tunnels, or refuses all by 407; `seen` has what it was asked for. */
async function serveProxy(refuses = false): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const proxy = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['proxy-authorization']}`)
    if (refuses) {
      outgoing.writeHead(407).end()
      return
    }
    const { 'proxy-authorization': _, ...headers } = incoming.headers
    const passed = forward(String(incoming.url), { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(passed)
  })
  proxy.on('connect', (incoming, socket, head) => {
    seen.push(`CONNECT ${incoming.url} ${incoming.headers['proxy-authorization']}`)
    if (refuses) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const [host = '', port] = String(incoming.url).split(':')
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.write(head)
      socket.pipe(target).pipe(socket)
    })
    for (const end of [target, socket]) {
      end.on('error', () => {}).on('close', () => [target, socket].forEach((it) => it.destroy()))
    }
  })
  return { url: `http://me:c4nary-pass@127.0.0.1:${await listen(proxy)}`, seen }
}

const credentials = `Basic ${Buffer.from('me:c4nary-pass').toString('base64')}`

test('http goes through HTTP_PROXY, https through a tunnel that HTTPS_PROXY makes', async () => {
  const proxy = await serveProxy()
  const env = { HTTP_PROXY: proxy.url, https_proxy: proxy.url, PREFECT_API_KEY: 'pnu_c4nary-key' }
  const plain = await serve(json(200, 7))
  expect(await transportTo(plain.apiUrl, { env }).send(get)).toBe(7)
  expect(proxy.seen).toEqual([`GET ${plain.apiUrl}/health ${credentials}`])
  expect(plain.seen[0]?.headers).toMatchObject({ authorization: 'Bearer pnu_c4nary-key' })
  expect(plain.seen[0]?.headers['proxy-authorization']).toBeUndefined()

  const requests: string[] = []
  const secure = createTlsServer(authority.sign(), (request, response) => {
    requests.push(`${request.url} ${request.headers['proxy-authorization']}`)
    response.end('8')
  })
  const port = await listen(secure)
  const trusting = { ...env, PREFECT_API_SSL_CERT_FILE: authority.file }
  const apiUrl = `https://localhost:${port}/api`
  expect(await transportTo(apiUrl, { env: trusting }).send(get)).toBe(8)
  expect(proxy.seen[1]).toBe(`CONNECT localhost:${port} ${credentials}`)
  expect(requests).toEqual(['/api/health undefined'])
  // Verified through the tunnel too.
  expect((await failureOf(transportTo(apiUrl, { env }).send(get))).code).toBe('TLS_FAILED')
})

test('NO_PROXY goes straight', async () => {
  const proxy = await serveProxy()
  const plain = await serve(json(200, 7))
  const env = { ALL_PROXY: proxy.url, NO_PROXY: 'example.com, 127.0.0.1' }
  expect(await transportTo(plain.apiUrl, { env }).send(get)).toBe(7)
  expect(proxy.seen).toEqual([])
})

test.each(['http', 'https'])(
  'a proxy that refuses (%s): an error without its password',
  async (scheme) => {
    const proxy = await serveProxy(true)
    const transport = transportTo(`${scheme}://api.example/api`, { env: { ALL_PROXY: proxy.url } })
    const error = await failureOf(transport.send(get))
    expect(error.code).toBe('CONNECTION_FAILED')
    expect(error.message).toContain('407')
    expect(JSON.stringify(error) + error.stack).not.toContain('c4nary-pass')
    expect(transport.waits).toEqual([])
  },
)

test.each(['socks5://127.0.0.1:1', 'http://me:c4nary@[', 'ftp://x'])(
  'a proxy that cannot be used (%s): INVALID_SETTING, with the variable and not its value',
  async (url) => {
    const transport = transportTo('http://api.example/api', { env: { http_proxy: url } })
    const error = await failureOf(transport.send(get))
    expect(isApiError(error, 'INVALID_SETTING')).toBe(true)
    expect(error.message).toBe(
      'Environment variable http_proxy is not the address of an HTTP proxy (http:// or https://)',
    )
  },
)

test("the choice of a proxy is httpx's", () => {
  const proxies = [
    { HTTP_PROXY: 'http://p1:1' },
    { HTTPS_PROXY: 'http://p2:2', http_proxy: 'p3:3' },
    { ALL_PROXY: 'http://p4:4', HTTP_PROXY: 'http://p5:5', http_proxy: 'http://p6:6' },
    { all_proxy: 'https://p7:7', https_proxy: '', HTTPS_PROXY: 'http://p8:8' },
    { REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://p9:9' },
  ]
  const exceptions = [
    undefined,
    '',
    '*',
    'a.example, *',
    'api.example',
    '.example',
    'example',
    'other.example,pi.example',
    'api.example:8080',
    'API.EXAMPLE',
    'http://api.example',
    'all://api.example',
    'localhost',
    '127.0.0.1',
    '10.0.0.0/8',
    '::1',
    ',,',
  ]
  const urls = [
    'http://api.example/api',
    'https://api.example/api',
    'http://api.example:8080/api',
    'https://sub.api.example/api',
    'http://localhost:4200/api',
    'http://x.localhost/api',
    'http://127.0.0.1:4200/api',
    'http://10.0.0.0/api',
    'http://[::1]:4200/api',
  ]
  const cases = proxies.flatMap((variables) =>
    exceptions.flatMap((exception) =>
      urls.map((url) => ({
        env: { ...variables, ...(exception === undefined ? {} : { NO_PROXY: exception }) },
        url,
      })),
    ),
  )
  const script = join(import.meta.dirname, 'httpx_proxies.py')
  const output = execFileSync(join(venv, 'bin/python'), [script], {
    input: JSON.stringify(cases),
    env: cleanEnvironment({}),
    encoding: 'utf8',
  })
  const theirs = JSON.parse(output) as (string | null)[]
  const ours = cases.map(({ env, url }) => {
    const proxy = proxyFor(new URL(url), env)
    return proxy === undefined ? null : proxy.url.replace(/\/$/, '')
  })
  const differences = cases
    .map((each, index) => ({ ...each, theirs: theirs[index], ours: ours[index] }))
    .filter((each) => each.theirs !== each.ours)
  expect(differences).toEqual([])
  expect(new Set(theirs).size).toBeGreaterThan(5)
})
