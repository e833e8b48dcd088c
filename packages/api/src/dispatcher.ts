import { readFileSync } from 'node:fs'
import type { SecureContext } from 'node:tls'
import type { Dispatcher, Pool } from 'undici'
import { ApiError } from './errors.ts'
import { proxyFor } from './proxy.ts'
import type { Settings } from './settings.ts'

// Prefect's server closes an idle connection after 5 s, Prefect Cloud's balancer after 30 s: ours go first,
// because a POST sent on a connection that is just being closed cannot be repeated. On a busy machine
// our timer may be seconds late.
const serverIdleMs = 2_000
const cloudIdleMs = 25_000

/**
 * The connections of a client: straight, or through the proxy that `env` names. undici is loaded here, at
 * the first call, and without a proxy only the file of its pool: the index costs far more (decisions/).
 */
export async function openDispatcher(
  settings: Settings,
  env: NodeJS.ProcessEnv,
): Promise<Dispatcher> {
  const url = new URL(settings.apiUrl)
  const proxy = proxyFor(url, env)
  const tls = url.protocol === 'https:' ? await tlsOptions(settings) : {}
  const isCloud = settings.apiUrl.startsWith(settings.cloudApiUrl)
  const options = {
    connections: 16,
    allowH2: false,
    keepAliveTimeout: isCloud ? cloudIdleMs : serverIdleMs,
    keepAliveMaxTimeout: cloudIdleMs,
  }
  if (proxy === undefined) {
    // @ts-expect-error undici declares types for its index only.
    const module = (await import('undici/lib/dispatcher/pool.js')) as { default: typeof Pool }
    return new module.default(url.origin, { ...options, connect: tls })
  }
  // By the index: it gives the proxy's own connections a method that the file alone does not.
  const { ProxyAgent } = await import('undici')
  return new ProxyAgent({ ...options, uri: proxy.url, requestTls: tls, proxyTls: tls })
}

interface TlsOptions {
  secureContext?: SecureContext
  rejectUnauthorized?: boolean
}

async function tlsOptions(settings: Settings): Promise<TlsOptions> {
  const { apiUrl, sslCertFile, tlsInsecureSkipVerify, sources } = settings
  if (tlsInsecureSkipVerify) {
    warnOnce(
      `TLS certificates are not verified for ${apiUrl} (${sources.tlsInsecureSkipVerify.place}): ` +
        'anyone on the way can read and change what is sent, credentials included',
    )
    return { rejectUnauthorized: false }
  }
  if (sslCertFile === undefined) return {}
  const { createSecureContext } = await import('node:tls')
  const { kind, place } = sources.sslCertFile
  const from = kind === 'default' ? 'environment variable SSL_CERT_FILE' : place
  try {
    const ca = readFileSync(sslCertFile)
    if (!ca.includes('-----BEGIN')) throw new Error('no PEM')
    // One context for all connections: each would parse the whole file again.
    return { secureContext: createSecureContext({ ca }) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no certificates'
    throw new ApiError(`Cannot use the certificates in ${sslCertFile} (from ${from}): ${code}`, {
      code: 'INVALID_SETTING',
      cause: error,
    })
  }
}

const warned = new Set<string>()

function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  process.emitWarning(text, { type: 'PrefectWarning', code: 'TLS_NOT_VERIFIED' })
}
