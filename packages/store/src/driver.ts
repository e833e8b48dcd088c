import type { KeyRule } from './key.ts'
import type {
  ByteRange,
  Digest,
  Entry,
  ObjectInfo,
  PutResult,
  SignUrlOptions,
  StoreCapabilities,
} from './store.ts'

/** What `createStore` hands to a driver with every call. */
export interface DriverCall {
  /** Aborts when the caller does or when the call stalls. Stop, clean up, and reject. */
  readonly signal: AbortSignal
  /** To be called whenever bytes move that the core cannot see, so that a slow transfer is not taken for a stall. */
  touch(): void
}

/** Options of a driver's `get`. */
export interface DriverGet extends DriverCall {
  /** The part to read; checked, and undefined unless the driver declared `range`. */
  readonly range: ByteRange | undefined
  /** The etag that the caller wants. The core checks it as well, so a driver may ignore it. */
  readonly ifMatch: string | undefined
}

/** Options of a driver's `put`. Whatever the driver did not declare is undefined or false. */
export interface DriverPut extends DriverCall {
  /** Size of the body in bytes, when it is known beforehand. */
  readonly size: number | undefined
  /** Write only when the object is absent, else throw `ALREADY_EXISTS`. */
  readonly ifAbsent: boolean
  /** Write only over this etag, else throw `PRECONDITION_FAILED`, also when there is no object. */
  readonly ifMatch: string | undefined
  /** Media type to keep. */
  readonly contentType: string | undefined
  /** Metadata to keep. */
  readonly metadata: Readonly<Record<string, string>>
}

/** What a driver knows of an object. */
export interface DriverInfo extends ObjectInfo {
  /** Digest of the whole content as the backend keeps it; the core checks it wherever all of the content passes. */
  readonly digest?: Digest | undefined
}

/** What a driver's `get` resolves with. */
export interface DriverObject extends DriverInfo {
  /**
   * The content asked for. Its iterator's `return()` must free the file or connection even when nothing was read,
   * and so must the call's signal.
   */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives the content to a sink instead, once, for less than an iterator costs. Resolves when all was taken. */
  pour?(sink: ChunkSink): Promise<void>
}

/**
 * Takes the next bytes of a content, which are good until it returns or, when it returns a promise, until that has
 * settled; no more may come before. Throws or rejects when nothing more is wanted.
 */
export type ChunkSink = (chunk: Uint8Array) => Promise<void> | undefined

/** How `download` reads large objects in ranges at a time. */
export interface DriverParallelRead {
  /** Bytes of a range. */
  readonly rangeSize: number
  /** Ranges that are read at a time. */
  readonly concurrency: number
}

/** One part of a body that is written in parts. */
export interface DriverPart {
  /** 1 for the first. */
  readonly number: number
  /** Where in the object it starts. */
  readonly offset: number
  /** Its content, in memory that is used again once the call has settled. */
  readonly bytes: Uint8Array
  /** Whether it is the last one. Every check of the body has passed when this one is sent. */
  readonly isLast: boolean
}

/** An upload that was begun and neither completed nor aborted, as the backend lists it. */
export interface PendingUpload {
  /** What `begin` gave. */
  readonly id: string
  /** When it was begun, by the backend's clock. */
  readonly startedAt: Date
  /** Whether it holds parts. */
  readonly hasParts: boolean
}

/**
 * How a driver writes bodies of several parts. The core cuts the body, bounds what is in flight, watches each part for
 * stalls and repeats it when that helps, aborts on failure, and finds out what a lost reply meant.
 */
export interface DriverMultipart {
  /** Bytes of a part. Bodies up to this size go to `put` instead, as one buffer of known size. */
  readonly partSize: number
  /** Parts that one object may have. Parts grow when the body would need more. */
  readonly maxParts: number
  /** Parts in flight at a time; 1 where each must wait for the one before. */
  readonly concurrency: number
  /** Starts an upload; resolves with its id. */
  begin(key: string, options: DriverPut): Promise<string>
  /** Sends one part; resolves with what `complete` needs of it. May be called again for the same part. */
  part(key: string, id: string, part: DriverPart, options: DriverPut): Promise<string>
  /** Makes the object visible, under the conditions of the options. `tags` are what `part` gave, in order. */
  complete(
    key: string,
    id: string,
    tags: readonly string[],
    options: DriverPut,
  ): Promise<Pick<PutResult, 'etag'>>
  /** Gives an upload up and frees its parts. An absent one is no error. */
  abort(key: string, id: string, options: DriverCall): Promise<void>
  /**
   * The pending uploads of exactly this key. With it, the core keeps a journal of uploads under way, and
   * `sweepUploads` aborts what crashed processes have left.
   */
  pending?(key: string, options: DriverCall): Promise<readonly PendingUpload[]>
}

/** What `copy` resolves with when the backend can't do it by itself: the core then reads and writes. */
export const READ_AND_WRITE = 'READ_AND_WRITE' as const

/**
 * What an adapter writes. `createStore` has checked keys, ranges, options and capabilities before a driver is called,
 * and afterwards checks lengths and digests, watches for stalls and wraps errors. A driver throws `StoreError`s with
 * the codes it can tell apart; anything else becomes `IO_ERROR`. A write of which it can't know whether it was done
 * throws `OUTCOME_UNKNOWN`: where the backend keeps metadata, the core looks whether the object carries this write's id.
 */
export interface StoreDriver {
  /** Where the store is, without credentials. */
  readonly url: string
  /** Which server that is, where several may have such a URL: the journal of uploads in parts tells them apart. */
  readonly server?: string | undefined
  /** What the driver can do; only what is true here is ever asked of it. */
  readonly capabilities: StoreCapabilities
  /** A further rule for keys, beside those that hold for every store. */
  readonly keyRule?: KeyRule | undefined
  /** The object's name for other tools. */
  locate(key: string): string
  /** Opens the object; undefined when there is none. */
  get(key: string, options: DriverGet): Promise<DriverObject | undefined>
  /** What is known of the object; undefined when there is none. */
  head(key: string, options: DriverCall): Promise<DriverInfo | undefined>
  /** Writes the whole body or nothing. When iterating `body` throws, nothing may become visible. */
  put(key: string, body: AsyncIterable<Uint8Array>, options: DriverPut): Promise<PutResult>
  /** The objects whose keys start with `prefix`, in UTF-8 byte order, one by one or, which is cheaper, many at a time. */
  list(prefix: string, options: DriverCall): AsyncIterable<Entry | readonly Entry[]>
  /** Removes at most 1,000 objects; absent ones are no error. */
  delete(keys: readonly string[], options: DriverCall): Promise<void>
  /** Copies within the backend; undefined when `from` is absent. Without it the core reads and writes. */
  copy?(
    from: string,
    to: string,
    options: DriverCall & { readonly ifAbsent: boolean },
  ): Promise<PutResult | typeof READ_AND_WRITE | undefined>
  /** Writing in parts. Without it every body goes to `put` as a stream. */
  readonly multipart?: DriverMultipart | undefined
  /** How `download` reads large objects in ranges at a time. Without it, as one stream. Needs `range`. */
  readonly parallelRead?: DriverParallelRead | undefined
  /** A URL that lets its holder read or write one object for a while. Present when declared. */
  signUrl?(key: string, options: Required<SignUrlOptions> & DriverCall): Promise<string>
}
