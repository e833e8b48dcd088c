import { ApiError } from './errors.ts'
import { parseUserinfo } from './setting-values.ts'

/** The proxy of an address: where it listens, and the variable that names it. */
export interface Proxy {
  /** With user and password, when it has them. */
  readonly url: string
  /** The process variable that it came from. */
  readonly variable: string
}

/**
 * The proxy that Prefect's own client (httpx) would take for `url`: `HTTP_PROXY` or `HTTPS_PROXY`, else
 * `ALL_PROXY`, unless `NO_PROXY` names the host; the lower-case name of a variable comes first.
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): Proxy | undefined {
  const scheme = url.protocol.slice(0, -1)
  const found = variable(scheme, env) ?? variable('all', env)
  if (found === undefined) return undefined
  const exceptions = (variable('no', env)?.value ?? '').split(',').map((entry) => entry.trim())
  if (exceptions.some((entry) => entry === '*' || isException(entry, url))) return undefined

  const text = found.value.includes('://') ? found.value : `http://${found.value}`
  const proxy = URL.parse(text)
  if (proxy === null || (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')) {
    const problem = 'is not the address of an HTTP proxy (http:// or https://)'
    throw new ApiError(`Environment variable ${found.name} ${problem}`, { code: 'INVALID_SETTING' })
  }
  // Registered, so that no message shows the password.
  if (proxy.password !== '') parseUserinfo(`${proxy.username}:${proxy.password}`)
  return { url: proxy.href, variable: found.name }
}

function variable(
  scheme: string,
  env: NodeJS.ProcessEnv,
): { name: string; value: string } | undefined {
  const lower = `${scheme}_proxy`
  // Under CGI a request's "Proxy:" header arrives as HTTP_PROXY.
  const names = scheme === 'http' && env['REQUEST_METHOD'] ? [lower] : [lower, lower.toUpperCase()]
  for (const name of names) {
    const value = env[name]
    // An empty lower-case variable switches the upper-case one off.
    if (value !== undefined) return value === '' ? undefined : { name, value }
  }
  return undefined
}

/** As httpx reads NO_PROXY: `example.com` with its subdomains, `.example.com` only those, `host:port`, `http://host`. */
function isException(entry: string, url: URL): boolean {
  if (entry === '') return false
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(entry.toLowerCase()) ?? []
  if (scheme !== undefined && scheme !== 'all' && `${scheme}:` !== url.protocol) return false
  const bareIpv6 = /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/.test(rest)
  const parts = bareIpv6 ? [rest, `[${rest}]`] : /^(\[[^\]]*\]|[^:/]*)(?::(\d+))?/.exec(rest)
  const [, host = '', port] = parts ?? []
  const ownPort = url.port || (url.protocol === 'https:' ? '443' : '80')
  if (port !== undefined && port !== ownPort) return false
  const name = url.hostname.toLowerCase()
  if (name === host) return true
  const exact = scheme !== undefined || bareIpv6 || host === 'localhost' || /^[\d.]+$/.test(host)
  if (exact || host === '') return false
  return name.endsWith(host.startsWith('.') ? host : `.${host}`) && name !== host.slice(1)
}
