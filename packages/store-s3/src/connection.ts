import type * as Sdk from '@aws-sdk/client-s3'
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { createHttpHandler } from './http-handler.ts'

/** The SDK, loaded, and a client of it. */
export interface Connection {
  readonly client: S3Client
  readonly sdk: typeof Sdk
  /** Whether requests carry checksums that only AWS is known to take. */
  readonly isAws: boolean
}

/** How to reach S3, with everything resolved but the credentials. */
export interface ClientSettings {
  /** URL of an S3-compatible server; AWS's own when undefined. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly forcePathStyle: boolean
  readonly credentials: () => Promise<S3ClientConfig>
  readonly maxAttempts?: number | undefined
  readonly connectTimeoutMs?: number | undefined
  readonly readTimeoutMs?: number | undefined
  readonly maxSockets?: number | undefined
  readonly client?: S3ClientConfig | undefined
  /** Certificates to trust, as PEM. */
  readonly ca?: (() => string) | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

// There is no logger, and no "Expect: 100-continue".
const idleSteps = ['loggerMiddleware', 'addExpectContinueMiddleware']
// Regions, directory buckets, Lambda, and a User-Agent that is put together anew for each request: with the above a tenth
// of the CPU of a small request.
const stepsForAws = [
  'regionRedirectMiddleware',
  'regionRedirectEndpointMiddleware',
  'bucketEndpointMiddleware',
  's3ExpressMiddleware',
  'recursionDetectionMiddleware',
  'getUserAgentMiddleware',
]

/** The connection of one store: the SDK is loaded and the client made with the first call. */
export function connectLazily(
  settings: ClientSettings | S3Client,
  stallTimeoutMs: number,
): () => Promise<Connection> {
  let opened: Promise<Connection> | undefined
  return () => {
    opened ??= connect(settings, stallTimeoutMs).catch((error: unknown) => {
      // A certificate or profile that was not readable may be so the next time.
      opened = undefined
      throw error
    })
    return opened
  }
}

async function connect(
  settings: ClientSettings | S3Client,
  stallTimeoutMs: number,
): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3')
  if ('send' in settings) return { client: settings, sdk, isAws: false }
  const { endpoint, region, forcePathStyle, maxAttempts, rejectUnauthorized } = settings
  const isAws =
    endpoint === undefined || /^https?:\/\/([^/]+\.)?amazonaws\.com(\.cn)?\b/.test(endpoint)
  const checksums = isAws ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
  const client = new sdk.S3Client({
    region,
    forcePathStyle,
    // Else the SDK would look it up in files and variables that the block does not mean.
    useArnRegion: false,
    followRegionRedirects: isAws,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    ...(endpoint === undefined ? {} : { endpoint: parse(endpoint) }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...settings.client,
    ...(await settings.credentials()),
    requestHandler: createHttpHandler({
      connectTimeoutMs: Math.min(settings.connectTimeoutMs ?? 10_000, stallTimeoutMs),
      // A third, so that a mute connection is left for another one before the operation is given up.
      idleTimeoutMs: Math.min(settings.readTimeoutMs ?? stallTimeoutMs, stallTimeoutMs / 3),
      ca: settings.ca?.(),
      maxSockets: settings.maxSockets,
      rejectUnauthorized,
      userAgent: isAws ? undefined : 'aws-sdk-js/3 prefect-ts',
    }),
  })
  for (const step of isAws ? idleSteps : [...idleSteps, ...stepsForAws]) {
    client.middlewareStack.remove(step)
  }
  keepSigners(client)
  return { client, sdk, isAws }
}

/**
 * Keeps the signers that the client makes. It would make one for each request, copying all of its configuration:
 * 0.1 ms. A signer keeps no state but where to ask for credentials, which it does every time.
 */
function keepSigners({ config }: S3Client): void {
  const make = config.signer
  const kept = new Map<string, ReturnType<typeof make>>()
  config.signer = (scheme) => {
    // Directory buckets and many regions sign in ways of their own.
    if (scheme !== undefined && scheme.name !== 'sigv4') return make(scheme)
    const name = JSON.stringify(scheme)
    const signer = kept.get(name) ?? make(scheme)
    kept.set(name, signer)
    return signer
  }
}

/** Else the SDK would do this twice for each request. */
function parse(endpoint: string): Exclude<S3ClientConfig['endpoint'], string | undefined> {
  const { protocol, hostname, port, pathname: path } = new URL(endpoint)
  return { protocol, hostname, path, ...(port === '' ? {} : { port: Number(port) }) }
}
