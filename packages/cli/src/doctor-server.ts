import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isApiError, type Client, type Settings } from '@prefect-ts/api'
import type { CommandContext } from './command.ts'
import type { Finding } from './findings.ts'

/** The server version that the types of `@prefect-ts/api` are made from. */
const typesVersion = '3.8.8'
const answerLimitMs = 10_000
/** Signed requests to object stores are refused past 15 minutes. */
const skewLimitMs = 60_000

// The settings and where each came from, then the server. Stops at the first problem that hides the rest.
export async function* checkServer(context: CommandContext): AsyncGenerator<Finding> {
  let client: Client
  try {
    client = await context.client()
  } catch (error) {
    if (!isApiError(error)) throw error
    yield { status: 'problem', subject: 'settings', message: error.message }
    return
  }
  const { settings } = client
  yield* describeSettings(settings, context.cwd)

  const start = performance.now()
  try {
    await client.get('/health', { signal: context.signal, timeoutMs: answerLimitMs })
  } catch (error) {
    if (!isApiError(error)) throw error
    yield {
      status: 'problem',
      subject: 'server',
      message: error.message,
      advice: `start the server, or correct PREFECT_API_URL (${settings.sources.apiUrl.place})`,
    }
    return
  }
  const tookMs = Math.round(performance.now() - start)
  yield { status: 'ok', subject: 'server', message: `${client.apiUrl} answers in ${tookMs} ms` }
  yield* checkAccess(client, context.signal)
  yield await checkCsrf(client, context.signal)
  yield await checkClock(settings)
}

// Each value that is not a default, with its place; then what Prefect would warn about.
function* describeSettings(settings: Settings, cwd: string): Generator<Finding> {
  for (const [name, source] of Object.entries(settings.sources)) {
    if (name === 'urlUserinfo' || (source.kind === 'default' && name !== 'apiUrl')) continue
    const value = settings[name as keyof Settings]
    const place = source.place.replaceAll(`${cwd}/`, '')
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
    yield { status: 'info', subject: name, message: `${shown} (${place})` }
  }
  yield { status: 'info', subject: 'credentials', message: describeCredentials(settings) }
  for (const warning of settings.warnings) {
    yield { status: 'warning', subject: 'settings', message: warning }
  }
  if (settings.tlsInsecureSkipVerify) {
    yield {
      status: 'warning',
      subject: 'TLS',
      message: 'any certificate is accepted: who is between can read and change everything',
      advice: 'name the authority in PREFECT_API_SSL_CERT_FILE instead',
    }
  }
}

/** Which of the credentials is sent: Prefect's precedence. */
function describeCredentials(settings: Settings): string {
  const { sources } = settings
  if (settings.urlUserinfo)
    return `Basic, user and password of the address (${sources.apiUrl.place})`
  if ('authorization' in settings.customHeaders) {
    return `the Authorization header of PREFECT_CLIENT_CUSTOM_HEADERS (${sources.customHeaders.place})`
  }
  if (settings.authString) return `Basic, PREFECT_API_AUTH_STRING (${sources.authString.place})`
  if (settings.apiKey) return `Bearer, PREFECT_API_KEY (${sources.apiKey.place})`
  return 'none'
}

async function* checkAccess(client: Client, signal: AbortSignal): AsyncGenerator<Finding> {
  try {
    const version = await client.get('/admin/version', { signal })
    const [major] = version.split('.')
    const [expected] = typesVersion.split('.')
    yield major === expected
      ? { status: 'ok', subject: 'version', message: `Prefect ${version}` }
      : {
          status: 'problem',
          subject: 'version',
          message: `Prefect ${version}, made for ${typesVersion}`,
          advice: `use a server of Prefect ${expected}`,
        }
  } catch (error) {
    if (!isApiError(error)) throw error
    // Prefect Cloud has no such path.
    if (error.code === 'NOT_FOUND') {
      yield { status: 'info', subject: 'version', message: 'the server does not say it' }
      return
    }
    yield {
      status: 'problem',
      subject: 'credentials',
      message: error.message,
      advice:
        describeCredentials(client.settings) === 'none'
          ? 'set PREFECT_API_AUTH_STRING (self-hosted) or PREFECT_API_KEY (Prefect Cloud)'
          : `the server refused these: ${describeCredentials(client.settings)}`,
    }
  }
}

async function checkCsrf(client: Client, signal: AbortSignal): Promise<Finding> {
  const subject = 'CSRF'
  try {
    await client.get('/csrf-token', { query: { client: crypto.randomUUID() }, signal })
  } catch (error) {
    if (!isApiError(error)) throw error
    if (error.status === 422 || error.status === 404) {
      return { status: 'ok', subject, message: 'the server asks for no token' }
    }
    return { status: 'warning', subject, message: error.message }
  }
  return client.settings.csrfSupportEnabled
    ? { status: 'ok', subject, message: 'the server asks for tokens; they are fetched and sent' }
    : {
        status: 'problem',
        subject,
        message: 'the server asks for tokens, and PREFECT_CLIENT_CSRF_SUPPORT_ENABLED is off',
        advice: `remove it (${client.settings.sources.csrfSupportEnabled.place})`,
      }
}

/** Compares the clocks by the Date header, which has whole seconds. */
async function checkClock(settings: Settings): Promise<Finding> {
  const subject = 'clock'
  let skewMs = Number.NaN
  // The header is cut to the second, and a busy server renews it late: only what it says three times counts.
  for (let attempt = 0; attempt < 3; attempt++) {
    if (attempt > 0) await sleep(1_000)
    const before = Date.now()
    const date = await readDate(settings).catch(() => undefined)
    if (date === undefined) {
      return { status: 'info', subject, message: 'the server does not say its time' }
    }
    skewMs = date - (before + Date.now()) / 2
    if (Math.abs(skewMs) < 5_000) {
      return { status: 'ok', subject, message: 'within 5 s of the server' }
    }
  }
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return {
    status: Math.abs(skewMs) > skewLimitMs ? 'problem' : 'warning',
    subject,
    message: `this machine is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the server`,
    advice: 'set the clock (NTP): tokens expire and signed requests are refused by the time',
  }
}

/** The server's time. Asked without credentials, beside the client, which keeps no headers. */
function readDate(settings: Settings): Promise<number | undefined> {
  const url = new URL(`${settings.apiUrl}/health`)
  const ca = settings.sslCertFile ? readFileSync(settings.sslCertFile) : undefined
  const options = { timeout: 2000, ca, rejectUnauthorized: !settings.tlsInsecureSkipVerify }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsGet : httpGet)(url, options, (response) => {
      response.resume()
      const date = Date.parse(response.headers.date ?? '')
      resolve(Number.isNaN(date) ? undefined : date)
    })
    request.once('timeout', () => request.destroy(new Error('no answer')))
    request.once('error', reject)
  })
}
