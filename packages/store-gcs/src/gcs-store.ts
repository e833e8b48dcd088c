import { createStore, StoreError } from '@prefect-ts/store'
import type { CreateStoreOptions, Store } from '@prefect-ts/store'
import { checkEndpoint } from '@prefect-ts/store/adapter'
import { anonymous, clientAuthorization, defaultAuthorization } from './authorization.ts'
import type { Authorization, GoogleAuthClient } from './authorization.ts'
import { createGcsDriver } from './gcs-driver.ts'
import { folderNames } from './object-names.ts'
import type { ObjectNames } from './object-names.ts'
import { findServiceAccount, serviceAccountAuthorization } from './service-account.ts'
import { createTransport } from './transport.ts'

/** What is used of a `Storage` of @google-cloud/storage: where it goes, and what signs its requests. */
export interface GcsClient {
  /** Where requests go. */
  readonly apiEndpoint: string
  /** What signs them; any client of google-auth-library. */
  readonly authClient: GoogleAuthClient
  /** Whether the endpoint is one of the caller's own: then nothing is signed, as in Google's client… */
  readonly customEndpoint?: boolean | undefined
  /** …unless this is true. */
  readonly useAuthWithCustomEndpoint?: boolean | undefined
}

/** Options of `createGcsStore`. */
export interface CreateGcsStoreOptions extends CreateStoreOptions {
  /** Name of the bucket. */
  bucket: string
  /**
   * Folder in the bucket, by the rules of Prefect's GcsBucket block: keys go below it, and one that starts with the
   * folder and a slash is taken as it is.
   */
  folder?: string | undefined
  /**
   * Your own `Storage` of @google-cloud/storage, of which endpoint and credentials are used.
   * @default Google's application default credentials; `STORAGE_EMULATOR_HOST` is honoured as Python honours it
   */
  storage?: GcsClient | undefined
}

/**
 * A store in a bucket of Google Cloud Storage. Nothing is sent before the first call. Throws `INVALID_CONFIG` when the
 * bucket or folder can't be one.
 *
 * @example
 * const store = createGcsStore({ bucket: 'willowdata', folder: 'dev' })
 */
export function createGcsStore(options: CreateGcsStoreOptions): Store {
  const { bucket, folder = '', storage, ...rest } = options
  if (storage === undefined) return openGcsStore({ bucket, names: folderNames(folder) }, rest)
  const { apiEndpoint, authClient, customEndpoint = false, useAuthWithCustomEndpoint } = storage
  const isSigned = !customEndpoint || useAuthWithCustomEndpoint === true
  const endpoint = checkEndpoint(apiEndpoint, 'apiEndpoint of the storage client')
  const authorization = isSigned ? clientAuthorization(authClient, endpoint.href) : anonymous
  return openGcsStore({ bucket, names: folderNames(folder), endpoint, authorization }, rest)
}

/** Where a store's objects are and who asks for them. */
export interface GcsPlace {
  readonly bucket: string
  readonly names: ObjectNames
  /** @default `STORAGE_EMULATOR_HOST`, else Google's own */
  readonly endpoint?: URL | undefined
  /** @default Google's application default credentials */
  readonly authorization?: Authorization | undefined
  /** @default `googleapis.com` */
  readonly universe?: string | undefined
}

const bucketPattern = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/

/** Makes the store of a place. */
export function openGcsStore(place: GcsPlace, options: CreateStoreOptions): Store {
  const { bucket, names, universe = 'googleapis.com' } = place
  if (!bucketPattern.test(bucket)) {
    const message = `${JSON.stringify(bucket)} is not the name of a bucket: 3 to 222 of a-z, 0-9, "-", "_", "."`
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  const start = names.toNamePrefix('')
  if (start.includes('\0') || !start.isWellFormed()) {
    const message =
      'The folder holds NUL or half of a surrogate pair, which no name of an object can'
    throw new StoreError(message, { code: 'INVALID_CONFIG' })
  }
  const emulator = emulatorEndpoint()
  const endpoint = place.endpoint ?? emulator ?? new URL(`https://storage.${universe}`)
  const authorization =
    place.authorization ?? applicationDefault(endpoint.href, emulator !== undefined)
  const transport = createTransport(endpoint, authorization)
  const { account } = authorization
  const signer = account && { account, endpoint }
  return createStore(createGcsDriver(bucket, names, transport, signer), options)
}

/** `STORAGE_EMULATOR_HOST` in Python's form, `http://host:port` or `host:port`; Node's form with a path is taken too. */
function emulatorEndpoint(): URL | undefined {
  const host = process.env['STORAGE_EMULATOR_HOST']
  if (!host || host === 'default') return undefined
  const text = /^https?:\/\//.test(host) ? host : `http://${host}`
  const url = checkEndpoint(text, 'STORAGE_EMULATOR_HOST')
  url.pathname = url.pathname.replace(/\/storage\/v1\/?$/, '')
  return url
}

/** Application default credentials; a service account's key is read by us, whose `token_uri` Google's library ignores. */
function applicationDefault(url: string, isEmulator: boolean): Authorization {
  const file = process.env['GOOGLE_APPLICATION_CREDENTIALS']
  if (!file) return defaultAuthorization(url, isEmulator)
  const account = findServiceAccount(file, 'GOOGLE_APPLICATION_CREDENTIALS')
  return account === undefined
    ? defaultAuthorization(url, isEmulator)
    : serviceAccountAuthorization(account)
}
