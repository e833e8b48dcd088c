import type { Dispatcher } from 'undici'
import { headersOf } from './headers.ts'
import type { Answer, CallArguments, CallOptions, Method, PathOf } from './operations.ts'
import { paginate, type PagedPath, type PageItem, type PaginateArguments } from './paginate.ts'
import {
  resolveSettings,
  type ResolveSettingsOptions,
  type SettingOverrides,
  type Settings,
} from './settings.ts'
import type { Transport } from './transport.ts'

/** Options of `createClient`; what is left out is found by `resolveSettings`. */
export interface CreateClientOptions
  extends SettingOverrides, Omit<ResolveSettingsOptions, 'overrides'> {
  /** undici dispatcher that carries every call; stays open on `close()`. @default a connection pool of the client's own */
  dispatcher?: Dispatcher | undefined
}

/**
 * Calls of the Prefect API, typed by path: `client.get('/flow_runs/{id}', { path: { id } })`.
 * Each resolves to the parsed JSON of a 2xx answer (`undefined` for one without content), and rejects
 * with `ApiError`, or with the signal's reason when it was aborted.
 */
export interface Client {
  /** Address of the API, without user and password. */
  readonly apiUrl: string
  /** The settings, and where each came from. */
  readonly settings: Settings
  /** Reads. A call is repeated when the connection breaks or the server is unavailable, but never where that could make it act twice. */
  get<P extends PathOf<'get'>>(
    path: P,
    ...options: CallArguments<'get', NoInfer<P>>
  ): Promise<Answer<'get', P>>
  /** Creates, filters, acts. Repeated when it only reads, or when the server knows it again by a name, key or id in the body. */
  post<P extends PathOf<'post'>>(
    path: P,
    ...options: CallArguments<'post', NoInfer<P>>
  ): Promise<Answer<'post', P>>
  /** Replaces. */
  put<P extends PathOf<'put'>>(
    path: P,
    ...options: CallArguments<'put', NoInfer<P>>
  ): Promise<Answer<'put', P>>
  /** Updates. */
  patch<P extends PathOf<'patch'>>(
    path: P,
    ...options: CallArguments<'patch', NoInfer<P>>
  ): Promise<Answer<'patch', P>>
  /** Deletes. */
  delete<P extends PathOf<'delete'>>(
    path: P,
    ...options: CallArguments<'delete', NoInfer<P>>
  ): Promise<Answer<'delete', P>>
  /**
   * All items of a filter, asked for page by page while the loop takes them. Items that come or go meanwhile
   * may move others across a page border: sort by something that stays. A path without pages does not compile.
   */
  paginate<P extends PagedPath>(
    path: P,
    ...options: PaginateArguments<P>
  ): AsyncGenerator<PageItem<P>, void, undefined>
  /** Waits for the calls under way, then ends the client's connections. */
  close(): Promise<void>
}

/** A client of the Prefect API. Sends nothing yet; throws `ApiError` when the settings cannot be used. */
export function createClient(options: CreateClientOptions = {}): Client {
  const { dispatcher, env = process.env, cwd, profile, ...overrides } = options
  const settings = resolveSettings({ env, cwd, profile, overrides })
  // What no header can carry is an error now, not at the first call.
  headersOf(settings)
  let opened: Promise<Transport> | undefined

  /** Loaded at the first call: importing this package is to cost next to nothing (decisions/002). */
  function open(): Promise<Transport> {
    opened ??= import('./transport.ts').then(({ createTransport }) =>
      createTransport({ settings, env, dispatcher }),
    )
    return opened
  }

  function callOf(method: Uppercase<Method>) {
    // The answer's type is the server's word, by its OpenAPI document.
    return async (template: string, given: CallOptions = {}): Promise<never> => {
      const transport = await open()
      return (await transport.send({ ...given, method, template })) as never
    }
  }

  return {
    apiUrl: settings.apiUrl,
    settings,
    get: callOf('GET'),
    post: callOf('POST'),
    put: callOf('PUT'),
    patch: callOf('PATCH'),
    delete: callOf('DELETE'),
    paginate: (path, ...[given]) =>
      paginate({ get: callOf('GET'), post: callOf('POST') }, path, given as object | undefined),
    close: async () => (await open()).close(),
  }
}
