import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { createStore, StoreError } from '@prefect-ts/store'
import type { CreateStoreOptions, Store } from '@prefect-ts/store'
import { connectLazily } from './connection.ts'
import type { ClientSettings } from './connection.ts'
import { resolveSettings } from './settings.ts'
import { folderNames } from './object-names.ts'
import type { ObjectNames } from './object-names.ts'
import { createS3Driver } from './s3-driver.ts'

/** Options of `createS3Store`. */
export interface CreateS3StoreOptions extends CreateStoreOptions {
  /** Name of the bucket, or ARN of an access point. */
  bucket: string
  /**
   * Folder in the bucket, by the rules of Prefect's S3Bucket block: keys go below it, and one that starts with the
   * folder and a slash is taken as it is.
   */
  folder?: string | undefined
  /**
   * Your own client of @aws-sdk/client-s3. The stall watch then sees parts and answers only as a whole.
   * @default one with the credentials and the region that boto3 would find
   */
  client?: S3Client | undefined
  /** URL of an S3-compatible server. @default `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, else AWS */
  endpoint?: string | undefined
  /** @default `AWS_DEFAULT_REGION`, the profile's, else us-east-1 */
  region?: string | undefined
  /** Credentials, or what gives them. @default as boto3 finds them: environment, profile, container, instance */
  credentials?: S3ClientConfig['credentials'] | undefined
  /**
   * Whether the server heeds If-None-Match and If-Match. False takes the capabilities `ifAbsent` and `ifMatch` away.
   * @default AWS does; another server is tried, once, before the first write that has a condition
   */
  conditionalWrites?: boolean | undefined
}

/**
 * A store in a bucket of S3 or of a server that speaks its protocol. The SDK is loaded with the first call. Throws
 * `INVALID_CONFIG` when the bucket, folder or endpoint can't be one.
 *
 * @example
 * const store = createS3Store({ bucket: 'willowdata', folder: 'dev' })
 */
export function createS3Store(options: CreateS3StoreOptions): Store {
  const {
    bucket,
    folder = '',
    client,
    endpoint,
    region,
    credentials,
    conditionalWrites,
    ...rest
  } = options
  const settings = client ?? resolveSettings({ endpoint, region, credentials })
  return openS3Store({ bucket, names: folderNames(folder), settings, conditionalWrites }, rest)
}

/** Where a store's objects are and how to reach them. */
export interface S3Place {
  readonly bucket: string
  readonly names: ObjectNames
  readonly settings: ClientSettings | S3Client
  readonly conditionalWrites?: boolean | undefined
}

// As botocore checks it before any request (botocore.handlers.VALID_BUCKET and the ARN forms).
const bucketPattern =
  /^([a-zA-Z0-9.\-_]{1,255}|arn:(aws[a-z-]*):(s3|s3-object-lambda|s3-outposts):[a-z0-9-]*:[0-9]{12}:[a-zA-Z0-9\-/:.]+)$/

/** Makes the store of a place. */
export function openS3Store(place: S3Place, options: CreateStoreOptions): Store {
  const { bucket, names, settings, conditionalWrites } = place
  if (!bucketPattern.test(bucket)) {
    const message = `${JSON.stringify(bucket)} is not the name of a bucket, nor the ARN of an access point`
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  const start = names.toNamePrefix('')
  if (start.includes('\0') || !start.isWellFormed()) {
    const message =
      'The folder holds NUL or half of a surrogate pair, which no key of an object can'
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  const open = connectLazily(settings, options.stallTimeoutMs ?? 60_000)
  const server = 'send' in settings ? undefined : settings.endpoint
  return createStore({ ...createS3Driver(bucket, names, open, conditionalWrites), server }, options)
}
