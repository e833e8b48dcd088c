import type { GcsClient } from '@prefect-ts/store-gcs'

/** A client of a server of the tests, which asks for no authorization. */
export function clientOf(url: string): GcsClient {
  return {
    apiEndpoint: url,
    customEndpoint: true,
    authClient: { getRequestHeaders: () => Promise.resolve(new Headers()) },
  }
}
