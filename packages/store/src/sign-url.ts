import { checkCall, need } from './check-options.ts'
import { insideOf } from './driver-of.ts'
import { quoteKey, StoreError } from './errors.ts'
import { createGuard } from './guard.ts'
import { checkKey } from './key.ts'
import type { SignUrlOptions, Store } from './store.ts'

/**
 * A URL with which its holder, without credentials, reads or writes one object for a while. Nothing is asked of the
 * backend: the object need not exist. The URL is a secret: keep it out of logs. Rejects with `UNSUPPORTED` unless the
 * store has the capability.
 */
export async function signUrl(
  store: Store,
  key: string,
  options: SignUrlOptions = {},
): Promise<string> {
  const { driver, stallTimeoutMs } = insideOf(store) ?? {}
  checkKey(key, driver?.keyRule)
  checkCall(options, key)
  const { method = 'GET', expiresInMs = 900_000, signal } = options
  need(store.capabilities, 'signUrl', { url: store.url, key })
  const doing = `Cannot sign a URL for ${quoteKey(key)} in ${store.url}`
  if (method !== 'GET' && method !== 'PUT') {
    throw new StoreError(`${doing}: method is "${String(method)}", not GET or PUT`, {
      code: 'INVALID_ARGUMENT',
      key,
    })
  }
  if (typeof expiresInMs !== 'number' || !(expiresInMs >= 1_000 && expiresInMs <= 604_800_000)) {
    const message = `${doing}: expiresInMs is ${String(expiresInMs)}, not between one second and seven days`
    throw new StoreError(message, { code: 'INVALID_ARGUMENT', key })
  }
  if (driver?.signUrl === undefined || stallTimeoutMs === undefined) {
    throw new StoreError(`${doing}: the store was not made by createStore`, {
      code: 'UNSUPPORTED',
      key,
    })
  }
  const guard = createGuard(() => doing, key, signal, stallTimeoutMs)
  try {
    const call = { ...guard.call, method, expiresInMs }
    return await guard.wait(driver.signUrl(key, call))
  } catch (error) {
    throw guard.explain(error)
  } finally {
    guard.close()
  }
}
