import type { DriverCall } from '@prefect-ts/store'
import { StoreError } from '@prefect-ts/store'
import { fieldOf } from '@prefect-ts/store/adapter'
import type { ServiceAccount } from './service-account.ts'

/** Where the headers come from that say who asks. */
export interface Authorization {
  /** Headers for the next request; asks for a token when there is none that is good for a while. */
  headers(call: DriverCall): Promise<Record<string, string>>
  /** Forgets a token that the server refused. False when there is none to be had anew. */
  renew(): boolean
  /** The service account whose key is at hand; it can sign URLs. */
  readonly account?: ServiceAccount | undefined
}

/** What signs requests in Google's own libraries: an `AuthClient` or `GoogleAuth` of google-auth-library. */
export interface GoogleAuthClient {
  /** The headers for a request to this URL. */
  getRequestHeaders(url?: string): Promise<Headers>
}

/** For public buckets and emulators. */
export const anonymous: Authorization = {
  headers: () => Promise.resolve({}),
  renew: () => false,
}

/** The headers of a client of google-auth-library, which renews its tokens by itself. */
export function clientAuthorization(client: GoogleAuthClient, url: string): Authorization {
  return {
    async headers() {
      try {
        return Object.fromEntries((await client.getRequestHeaders(url)).entries())
      } catch (error) {
        throw noToken(error)
      }
    },
    renew: () => false,
  }
}

/**
 * Google's application default credentials, looked for at the first request and again when a token is refused.
 * Without any: no authorization at all when `optional` (an emulator), else `ACCESS_DENIED`.
 */
export function defaultAuthorization(url: string, optional: boolean): Authorization {
  let opening: Promise<Authorization> | undefined

  async function open(): Promise<Authorization> {
    const { GoogleAuth } = await import('google-auth-library')
    const auth = new GoogleAuth({ scopes: scope })
    try {
      await auth.getClient()
    } catch (error) {
      if (optional) return anonymous
      const message =
        'There are no credentials for Google Cloud Storage: none were given, and Google found none in ' +
        'GOOGLE_APPLICATION_CREDENTIALS, the files of `gcloud auth application-default login`, or a metadata server'
      throw new StoreError(message, { code: 'ACCESS_DENIED', cause: errorName(error) })
    }
    return clientAuthorization(auth, url)
  }

  return {
    async headers(call) {
      opening ??= open()
      try {
        return await (await opening).headers(call)
      } catch (error) {
        opening = undefined
        throw error
      }
    },
    renew() {
      opening = undefined
      return true
    },
  }
}

/** The one scope that Prefect asks for too. */
export const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** Of the library's error nothing but status and code goes on: the rest of it holds the request with its tokens. */
function noToken(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const status = Number(fieldOf(error, 'status') ?? fieldOf(fieldOf(error, 'response'), 'status'))
  const code = fieldOf(error, 'code')
  const isRefused = status >= 400 && status < 500 && status !== 429
  let reason = 'no answer'
  if (status > 0) reason = `HTTP ${status}`
  else if (typeof code === 'string' && /^E[A-Z_]+$/.test(code)) reason = code
  return new StoreError(`Google's library got no token for Google Cloud Storage (${reason})`, {
    code: isRefused ? 'ACCESS_DENIED' : 'UNAVAILABLE',
    cause: errorName(error),
  })
}

// The library's messages may quote files that hold keys: only the kind of error goes on.
function errorName(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'unknown')
}
