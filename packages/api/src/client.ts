import type { Dispatcher, Pool } from 'undici'
import { callError, type Call } from './call.ts'
import { headersOf } from './headers.ts'
import type { Answer, CallArguments, CallOptions, Method, PathOf } from './operations.ts'
import { paginate, type PagedPath, type PageItem, type PaginateArguments } from './paginate.ts'
import { fillPath, formatQuery } from './request-target.ts'
import {
  resolveSettings,
  type ResolveSettingsOptions,
  type SettingOverrides,
  type Settings,
} from './settings.ts'
import { send } from './transport.ts'

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
  /** Reads. Repeated by itself when the connection breaks or the server is unavailable. */
  get<P extends PathOf<'get'>>(
    path: P,
    ...options: CallArguments<'get', P>
  ): Promise<Answer<'get', P>>
  /** Creates, filters, acts. Never repeated, unless the server answers 429 or 503 with `Retry-After`; so are the three below. */
  post<P extends PathOf<'post'>>(
    path: P,
    ...options: CallArguments<'post', P>
  ): Promise<Answer<'post', P>>
  /** Replaces. */
  put<P extends PathOf<'put'>>(
    path: P,
    ...options: CallArguments<'put', P>
  ): Promise<Answer<'put', P>>
  /** Updates. */
  patch<P extends PathOf<'patch'>>(
    path: P,
    ...options: CallArguments<'patch', P>
  ): Promise<Answer<'patch', P>>
  /** Deletes. */
  delete<P extends PathOf<'delete'>>(
    path: P,
    ...options: CallArguments<'delete', P>
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
  const { dispatcher, env, cwd, profile, ...overrides } = options
  const settings = resolveSettings({ env, cwd, profile, overrides })
  const { origin, pathname } = new URL(settings.apiUrl)
  const basePath = pathname.replace(/\/$/, '')
  const headers = headersOf(settings)
  const underWay = new Set<Promise<unknown>>()
  let pool: Promise<Dispatcher> | undefined

  const getDispatcher = async (): Promise<Dispatcher> =>
    dispatcher ?? (await (pool ??= openPool(origin)))

  function callOf(method: Uppercase<Method>) {
    return async (template: string, given: UntypedOptions = {}): Promise<never> => {
      const path = fillPath(template, given.path)
      const call: Call = { method, path, body: given.body, settings }
      const body = encodeBody(call)
      const answer = send(call, {
        getDispatcher,
        request: {
          origin,
          path: basePath + path + formatQuery(given.query),
          method,
          headers:
            body === undefined ? headers : { 'content-type': 'application/json', ...headers },
          body,
        },
        signal: given.signal,
        timeoutMs: given.timeoutMs ?? settings.requestTimeoutMs,
      })
      underWay.add(answer)
      try {
        // The answer's type is the server's word, by its OpenAPI document.
        return (await answer) as never
      } finally {
        underWay.delete(answer)
      }
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
    async close() {
      await Promise.allSettled(underWay)
      await (await pool)?.destroy()
    },
  }
}

interface UntypedOptions extends CallOptions {
  path?: Readonly<Record<string, unknown>> | undefined
  query?: Readonly<Record<string, unknown>> | undefined
  body?: unknown
}

/** Loaded at the first call, and by its own file: undici's index would cost five times as much (decisions/). */
async function openPool(origin: string): Promise<Dispatcher> {
  // @ts-expect-error undici declares types for its index only.
  const module = (await import('undici/lib/dispatcher/pool.js')) as { default: typeof Pool }
  return new module.default(origin, { connections: 16, allowH2: false })
}

function encodeBody(call: Call): string | undefined {
  try {
    return JSON.stringify(call.body)
  } catch (error) {
    // The message of a TypeError on a cycle names keys; no value is in it.
    throw callError(call, 'INVALID_REQUEST', 'the body cannot be written as JSON', { cause: error })
  }
}
