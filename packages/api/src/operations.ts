import type { paths } from './generated.ts'

/** HTTP methods of the API. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The paths that have an operation of this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: M extends keyof paths[P] ? P : never
}[keyof paths]

/** Options that every call takes. */
export interface CallOptions {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Limit of the whole call in milliseconds, its retries included. @default the client's */
  timeoutMs?: number | undefined
}

/** What a call of this operation takes: its path parameters, query and body, and the options of every call. */
export type OperationOptions<M extends Method, P extends PathOf<M>> = CallOptions &
  Parameters<Operation<M, P>, 'path'> &
  Parameters<Operation<M, P>, 'query'> &
  Body<Operation<M, P>>

/** The options as an argument list: they may be left out when nothing in them is required. */
export type CallArguments<M extends Method, P extends PathOf<M>> =
  {} extends OperationOptions<M, P>
    ? [options?: OperationOptions<M, P>]
    : [options: OperationOptions<M, P>]

/** What a call of this operation resolves to; `undefined` for an answer without content. */
export type Answer<M extends Method, P extends PathOf<M>> =
  Operation<M, P> extends { responses: infer Responses } ? Content<Success<Responses>> : never

type Operation<M extends Method, P extends PathOf<M>> = M extends keyof paths[P]
  ? paths[P][M]
  : never

type Success<Responses> = Responses[keyof Responses & (200 | 201 | 202 | 204)]

type Content<Response> = Response extends { content: { 'application/json': infer T } }
  ? T
  : undefined

type Parameters<O, Kind extends 'path' | 'query'> = O extends { parameters: infer All }
  ? Kind extends keyof All
    ? { [K in keyof Pick<All, Kind>]: Loose<All[K]> }
    : { [K in Kind]?: undefined }
  : { [K in Kind]?: undefined }

type Body<O> = O extends { requestBody: { content: { 'application/json': infer T } } }
  ? { body: Loose<T> }
  : O extends { requestBody?: { content: { 'application/json': infer T } } }
    ? 'requestBody' extends keyof O
      ? { body?: Loose<T> | undefined }
      : { body?: undefined }
    : { body?: undefined }

/** Fields that may be left out may also be given as `undefined`, which JSON leaves out; lists may be readonly. */
type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { [K in keyof T]: {} extends Pick<T, K> ? T[K] | undefined : T[K] }
    : T
