/** The CSRF token of one client, for servers that ask for one. */
export interface Csrf {
  /** Headers of a state-changing call; none before the server has refused a call for its token. */
  headers(): Record<string, string>
  /** Gets a new token instead of the refused one, once for all calls that wait; `false` where the server has none to give. */
  renew(
    refused: Record<string, string>,
    signal: AbortSignal,
    fetchToken: FetchToken,
  ): Promise<boolean>
}

/** Asks the server for a token of this client; `undefined` where CSRF protection is off. */
export type FetchToken = (clientId: string) => Promise<string | undefined>

const tokenHeader = 'prefect-csrf-token'

/** No token yet. */
export function createCsrf(): Csrf {
  const clientId = crypto.randomUUID()
  let token: string | undefined
  let pending: Promise<void> | undefined

  async function refresh(fetchToken: FetchToken): Promise<void> {
    token = await fetchToken(clientId)
  }

  return {
    headers: () =>
      token === undefined ? {} : { [tokenHeader]: token, 'prefect-csrf-client': clientId },
    async renew(refused, signal, fetchToken) {
      while (token === refused[tokenHeader]) {
        if (pending === undefined) {
          pending = refresh(fetchToken).finally(() => (pending = undefined))
          await pending
          return token !== undefined
        }
        // Another call asks already. Should that one be ended, this one asks itself.
        await settled(pending, signal)
      }
      return token !== undefined
    },
  }
}

/** Whether the server refused a call for its CSRF token, which it does before it acts. */
export function isTokenRefused(status: number, body: Buffer): boolean {
  return status === 403 && /CSRF token|client identifier/.test(body.toString('utf8'))
}

/** Resolves when `promise` is settled either way, and rejects with the signal's reason when that comes first. */
function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    const end = (): void => {
      signal.removeEventListener('abort', stop)
      resolve()
    }
    promise.then(end, end)
  })
}
