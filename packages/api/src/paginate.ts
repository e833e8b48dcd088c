import { ApiError } from './errors.ts'
import type { paths } from './generated.ts'
import type { Answer, OperationOptions, PathOf } from './operations.ts'
import { readAhead, type Page } from './read-ahead.ts'

const defaultPageSize = 200
// The server refuses more events a page.
const eventsPageSize = 50

/** The POST operations that answer in pages: by offset and limit, by page number, or by page token. */
export type PagedPath = {
  [P in PathOf<'post'>]: [PageItem<P>] extends [never] ? never : P
}[PathOf<'post'>]

/** One item of the pages of an operation. */
export type PageItem<P extends PathOf<'post'>> =
  Answer<'post', P> extends readonly (infer Item)[]
    ? 'offset' extends keyof BodyOf<P>
      ? Item
      : never
    : Answer<'post', P> extends
          | { results: readonly (infer Item)[]; pages: number }
          | { events: readonly (infer Item)[]; next_page: string | null }
      ? Item
      : never

/** Options of `client.paginate`: those of the operation, but which page is not the caller's to say. */
export type PaginateOptions<P extends PagedPath> = Omit<OperationOptions<'post', P>, 'body'> & {
  /** Filters and order, as the operation takes them. */
  body?: Omit<NonNullable<OperationOptions<'post', P>['body']>, 'limit' | 'offset' | 'page'>
  /** Items a request. @default 200, the most that a server gives unless set up otherwise; 50 for events */
  pageSize?: number | undefined
}

/** The options as an argument list: they may be left out when nothing in them is required. */
export type PaginateArguments<P extends PagedPath> =
  Partial<PaginateOptions<P>> extends PaginateOptions<P>
    ? [options?: PaginateOptions<P>]
    : [options: PaginateOptions<P>]

type BodyOf<P extends PathOf<'post'>> = paths[P] extends {
  post: { requestBody?: { content: { 'application/json': infer Body } } }
}
  ? Body
  : never

interface UntypedOptions {
  path?: Readonly<Record<string, unknown>> | undefined
  query?: Readonly<Record<string, unknown>> | undefined
  body?: object | undefined
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
}

type Send = (path: string, options: UntypedOptions) => Promise<unknown>

/** All items of an operation, page after page. */
export function paginate(
  { get, post }: { get: Send; post: Send },
  path: string,
  { pageSize, signal, ...call }: UntypedOptions & { pageSize?: number | undefined } = {},
): AsyncGenerator<never, void, undefined> {
  const ask = (position: object, ended: AbortSignal): Promise<unknown> =>
    post(path, { ...call, body: { ...call.body, ...position }, signal: ended })

  if (path === '/events/filter') {
    const limit = pageSize ?? eventsPageSize
    return readAhead(
      '',
      async (token, ended): Promise<Page<never, string>> => {
        const { timeoutMs } = call
        const answer = await (token === ''
          ? ask({ limit }, ended)
          : get('/events/filter/next', {
              query: { 'page-token': token },
              signal: ended,
              timeoutMs,
            }))
        const { events, next_page: next } = (answer ?? {}) as Record<string, unknown>
        return { items: listIn(path, events), next: next ? tokenOf(next) : undefined }
      },
      signal,
    )
  }
  const limit = pageSize ?? defaultPageSize
  if (path.endsWith('/paginate')) {
    return readAhead(
      1,
      async (page, ended) => {
        const answer = await ask({ limit, page }, ended)
        const { results, pages } = (answer ?? {}) as Record<string, unknown>
        return { items: listIn(path, results), next: page < Number(pages) ? page + 1 : undefined }
      },
      signal,
    )
  }
  return readAhead(
    0,
    async (offset, ended) => {
      const items = listIn(path, await ask({ limit, offset }, ended))
      return { items, next: items.length < limit ? undefined : offset + items.length }
    },
    signal,
  )
}

/** Of the address of the next page only the token is used: its host is the server's own idea, wrong behind a proxy. */
function tokenOf(nextPage: unknown): string {
  const token = /[?&]page-token=([^&#]+)/.exec(String(nextPage))?.[1]
  try {
    if (token !== undefined) return decodeURIComponent(token)
  } catch {
    // Told below.
  }
  throw noPage('/events/filter', 'the next page that the server names has no page-token')
}

function listIn(path: string, items: unknown): never[] {
  if (Array.isArray(items)) return items as never[]
  throw noPage(path, 'the answer holds no list of items')
}

function noPage(path: string, problem: string): ApiError {
  const options = { code: 'INVALID_RESPONSE', method: 'POST', path } as const
  return new ApiError(`POST ${path}: ${problem}`, options)
}
