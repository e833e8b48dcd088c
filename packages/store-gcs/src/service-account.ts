import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { StoreError } from '@prefect-ts/store'
import type { DriverCall } from '@prefect-ts/store'
import { checkEndpoint, refuseMetadataHost } from '@prefect-ts/store/adapter'
import { scope } from './authorization.ts'
import type { Authorization } from './authorization.ts'

/** What is needed of a service account's key. */
export interface ServiceAccount {
  readonly clientEmail: string
  readonly privateKey: string
  readonly privateKeyId: string | undefined
  /** Where tokens come from: the key's own `token_uri`. */
  readonly tokenUri: URL
  /** The cloud that the account is of, `googleapis.com` unless it is a sovereign one. */
  readonly universe: string
}

/** Reads a key as Google hands it out, from an object or its JSON. `from` names the place in errors; no value does. */
export function parseServiceAccount(info: unknown, from: string): ServiceAccount {
  const key = typeof info === 'string' ? parseJson(info, from) : info
  if (typeof key !== 'object' || key === null || Array.isArray(key)) {
    throw refuse(from, 'is no JSON object')
  }
  const fields = new Map<string, unknown>(Object.entries(key))
  const missing = ['client_email', 'private_key', 'token_uri'].filter(
    (name) => typeof fields.get(name) !== 'string' || fields.get(name) === '',
  )
  if (missing.length > 0) throw refuse(from, `lacks ${missing.join(', ')}`)
  const text = (name: string): string => textOf(fields.get(name)) ?? ''
  return {
    clientEmail: text('client_email'),
    privateKey: text('private_key'),
    privateKeyId: text('private_key_id') || undefined,
    tokenUri: checkEndpoint(text('token_uri'), `token_uri of ${from}`),
    universe: text('universe_domain') || 'googleapis.com',
  }
}

/** Reads a key file; a leading `~` is the home folder. */
export function readServiceAccount(file: string, from: string): ServiceAccount {
  return parseServiceAccount(readKeyFile(file, from), `${from} ${file}`)
}

/** Reads a file that may hold other credentials than a service account's key: then undefined. */
export function findServiceAccount(file: string, from: string): ServiceAccount | undefined {
  const key = parseJson(readKeyFile(file, from), `${from} ${file}`)
  const isOne = typeof key === 'object' && key !== null && 'type' in key
  return isOne && key.type === 'service_account'
    ? parseServiceAccount(key, `${from} ${file}`)
    : undefined
}

function readKeyFile(file: string, from: string): string {
  const path = file === '~' || file.startsWith('~/') ? homedir() + file.slice(1) : file
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw refuse(from, `${path} can't be read (${code})`)
  }
}

/**
 * Tokens for a service account, fetched from its `token_uri` with a signed assertion (RFC 7523) as Python's
 * google-auth does. google-auth-library ignores `token_uri`.
 */
export function serviceAccountAuthorization(account: ServiceAccount): Authorization {
  let current: Promise<Token> | undefined

  return {
    account,
    async headers(call) {
      const known = await current?.catch(() => undefined)
      if (known === undefined || Date.now() >= known.renewAt) current = fetchToken(account, call)
      const { value } = await (current ?? fetchToken(account, call))
      return { authorization: `Bearer ${value}` }
    },
    renew() {
      current = undefined
      return true
    },
  }
}

const toleratedSkewMs = 60_000

interface Token {
  readonly value: string
  /** When to ask for another one, by `Date.now()`. */
  readonly renewAt: number
}

/** `skewMs`: how far this machine's clock is behind that of the server, as an attempt before has shown. */
async function fetchToken(account: ServiceAccount, call: DriverCall, skewMs = 0): Promise<Token> {
  await refuseMetadataHost(account.tokenUri)
  const assertion = await sign(account, Date.now() + skewMs)
  const fail = (reason: string, code: 'ACCESS_DENIED' | 'UNAVAILABLE'): StoreError =>
    new StoreError(`No token for ${account.clientEmail} from ${account.tokenUri.href}: ${reason}`, {
      code,
    })
  let response
  let answer: unknown
  try {
    response = await fetch(account.tokenUri, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      }),
      redirect: 'manual',
      signal: call.signal,
    })
    call.touch()
    answer = await response.json().catch(() => undefined)
  } catch {
    call.signal.throwIfAborted()
    throw fail('it does not answer', 'UNAVAILABLE')
  }
  const fields = new Map<string, unknown>(
    typeof answer === 'object' && answer !== null ? Object.entries(answer) : [],
  )
  const value = fields.get('access_token')
  if (!response.ok || typeof value !== 'string') {
    const kind = textOf(fields.get('error'))
    // Google refuses what is signed at another time than its own.
    const behindMs = Date.parse(response.headers.get('date') ?? '') - Date.now()
    const isSkewed = kind === 'invalid_grant' && Math.abs(behindMs) > toleratedSkewMs
    if (isSkewed && skewMs === 0) return await fetchToken(account, call, behindMs)
    const reason = [`HTTP ${response.status}`, kind].filter(Boolean).join(', ')
    throw fail(reason, response.status >= 500 ? 'UNAVAILABLE' : 'ACCESS_DENIED')
  }
  // Four minutes before the end as google-auth does, but never in the token's first half.
  const lifetimeMs = Number(fields.get('expires_in') ?? 3_600) * 1_000
  return { value, renewAt: Date.now() + Math.max(lifetimeMs / 2, lifetimeMs - 240_000) }
}

async function sign(account: ServiceAccount, nowMs: number): Promise<string> {
  const now = Math.floor(nowMs / 1_000)
  const header = { alg: 'RS256', typ: 'JWT', kid: account.privateKeyId }
  const claims = {
    iss: account.clientEmail,
    scope,
    aud: account.tokenUri.href,
    iat: now,
    exp: now + 3_600,
  }
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${(await signWith(account, text)).toString('base64url')}`
}

/** The account's signature of a text: RSA with SHA-256. */
export async function signWith(account: ServiceAccount, text: string): Promise<Buffer> {
  const { createPrivateKey, sign: signBytes } = await import('node:crypto')
  let key
  try {
    key = createPrivateKey(account.privateKey)
  } catch {
    throw refuse(`private_key of ${account.clientEmail}`, 'is no private key in PEM form')
  }
  return signBytes('RSA-SHA256', Buffer.from(text), key)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw refuse(from, 'is not JSON')
  }
}

function refuse(from: string, reason: string): StoreError {
  return new StoreError(`Credentials are refused: ${from} ${reason}`, { code: 'INVALID_CONFIG' })
}
