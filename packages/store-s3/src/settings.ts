import { existsSync, readFileSync } from 'node:fs'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { StoreError } from '@prefect-ts/store'
import { checkEndpoint } from '@prefect-ts/store/adapter'
import type { ClientSettings } from './connection.ts'
import { readProfile } from './profile.ts'

/** How to reach S3, as a block or a caller says it. What is undefined comes from where boto3 looks. */
export interface SettingsInput {
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  readonly credentials?: S3ClientConfig['credentials'] | undefined
  readonly profile?: string | undefined
  /** Requests without a signature. */
  readonly isAnonymous?: boolean | undefined
  readonly assumeRole?: AssumeRole | undefined
  /** False: plain http, when there is no endpoint. */
  readonly useSsl?: boolean | undefined
  readonly addressingStyle?: 'auto' | 'path' | 'virtual' | undefined
  /** False: any certificate. */
  readonly verify?: boolean | undefined
  readonly caFile?: string | undefined
  readonly maxAttempts?: number | undefined
  readonly connectTimeoutMs?: number | undefined
  readonly readTimeoutMs?: number | undefined
  readonly maxSockets?: number | undefined
  readonly client?: Pick<
    S3ClientConfig,
    'retryMode' | 'customUserAgent' | 'requestChecksumCalculation'
  >
}

/** Whose role to take on, with the parameters of STS's AssumeRole. */
export interface AssumeRole {
  readonly RoleArn: string
  readonly RoleSessionName?: string
  readonly [parameter: string]: unknown
}

/** Resolves settings as boto3 does: for each the caller's, the environment's, the profile's, the default. */
export function resolveSettings(input: SettingsInput): ClientSettings {
  const profileName = profileOf(input)
  const profile = readProfile(profileName ?? 'default')
  if (profile === undefined && profileName !== undefined) {
    const from = input.profile === undefined ? 'AWS_PROFILE' : 'profile_name'
    throw refuse(`${from} names the profile "${profileName}", which is in no file of AWS`)
  }
  const region =
    input.region ?? variable('AWS_DEFAULT_REGION') ?? profile?.['region'] ?? 'us-east-1'
  if (!/^[a-z0-9-]+$/i.test(region)) throw refuse(`the region "${region}" is none`)
  const endpoint = findEndpoint(input, region, profile)
  const caFile = input.caFile ?? (input.verify === undefined ? caBundle(profile) : undefined)
  if (caFile !== undefined && !existsSync(caFile)) {
    throw refuse(`the file of certificates ${caFile} does not exist`)
  }
  if (input.verify === false) {
    process.emitWarning('TLS certificates of the S3 endpoint are not verified: its block says so', {
      code: 'PREFECT_TS_TLS_UNVERIFIED',
    })
  }
  const isCustom = endpoint !== undefined && endpoint.isCustom
  const {
    addressingStyle = 'auto',
    maxAttempts,
    connectTimeoutMs,
    readTimeoutMs,
    maxSockets,
  } = input
  return {
    endpoint: endpoint?.url,
    region,
    forcePathStyle: addressingStyle === 'path' || (isCustom && addressingStyle === 'auto'),
    credentials: () => loadCredentials(input, region),
    client: input.client,
    maxAttempts,
    connectTimeoutMs,
    readTimeoutMs,
    maxSockets,
    ca: caFile === undefined ? undefined : () => readFileSync(caFile, 'utf8'),
    rejectUnauthorized: input.verify === false ? false : undefined,
  }
}

function findEndpoint(
  { endpoint, useSsl }: SettingsInput,
  region: string,
  profile: Readonly<Record<string, string>> | undefined,
): { url: string; isCustom: boolean } | undefined {
  const configured: readonly (readonly [string | undefined, string])[] = [
    [variable('AWS_ENDPOINT_URL_S3'), 'AWS_ENDPOINT_URL_S3'],
    [variable('AWS_ENDPOINT_URL'), 'AWS_ENDPOINT_URL'],
    [profile?.['endpoint_url'], "profile's endpoint_url"],
  ]
  const ignored = ignoresConfigured(profile)
  const found = [[endpoint, 'endpoint_url'] as const, ...(ignored ? [] : configured)]
  for (const [text, from] of found) {
    if (text !== undefined) {
      return { url: checkEndpoint(text, from).href.replace(/\/$/, ''), isCustom: true }
    }
  }
  if (useSsl !== false) return undefined
  const host = region === 'us-east-1' ? 's3.amazonaws.com' : `s3.${region}.amazonaws.com`
  return {
    url: checkEndpoint(`http://${host}`, 'endpoint without use_ssl').href.replace(/\/$/, ''),
    isCustom: false,
  }
}

async function loadCredentials(input: SettingsInput, region: string): Promise<S3ClientConfig> {
  const { credentials, profile, isAnonymous, assumeRole } = input
  if (isAnonymous === true) {
    return {
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: (request) => Promise.resolve(request) },
    }
  }
  const providers = await import('@aws-sdk/credential-providers')
  // The SDK's own chain lets AWS_PROFILE win over keys in the environment; boto3 does not.
  const own =
    credentials ??
    (profile === undefined
      ? providers.createCredentialChain(providers.fromEnv(), providers.fromNodeProviderChain())
      : providers.fromIni({ profile }))
  if (assumeRole === undefined) return { credentials: own }
  const endpoint = ignoresConfigured(readProfile(profileOf(input) ?? 'default'))
    ? undefined
    : (variable('AWS_ENDPOINT_URL_STS') ?? variable('AWS_ENDPOINT_URL'))
  const { RoleSessionName = `prefect-session-${crypto.randomUUID().slice(0, 8)}`, ...rest } =
    assumeRole
  return {
    credentials: providers.fromTemporaryCredentials({
      masterCredentials: own,
      params: { ...rest, RoleSessionName },
      clientConfig: {
        region,
        ...(endpoint === undefined
          ? {}
          : { endpoint: checkEndpoint(endpoint, 'AWS_ENDPOINT_URL_STS').href }),
      },
    }),
  }
}

function profileOf({ profile }: SettingsInput): string | undefined {
  return profile ?? variable('AWS_PROFILE') ?? variable('AWS_DEFAULT_PROFILE')
}

/** Whether only an endpoint that was given counts, as botocore reads it: any case, and of texts only "true". */
function ignoresConfigured(profile: Readonly<Record<string, string>> | undefined): boolean {
  const name = 'ignore_configured_endpoint_urls'
  return (variable(`AWS_${name.toUpperCase()}`) ?? profile?.[name])?.toLowerCase() === 'true'
}

function caBundle(profile: Readonly<Record<string, string>> | undefined): string | undefined {
  return variable('AWS_CA_BUNDLE') ?? profile?.['ca_bundle']
}

/** A variable of the environment; an empty one counts as absent. */
function variable(name: string): string | undefined {
  const value = process.env[name]
  return value === '' ? undefined : value
}

function refuse(reason: string): StoreError {
  return new StoreError(`Cannot reach S3: ${reason}`, { code: 'INVALID_CONFIG' })
}
