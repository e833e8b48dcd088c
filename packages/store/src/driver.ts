import type { KeyRule } from './key.ts'
import type { ByteRange, Entry, ObjectInfo, PutResult, StoreCapabilities } from './store.ts'

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

/** What a driver's `get` resolves with. */
export interface DriverObject extends ObjectInfo {
  /**
   * The content asked for. Its iterator's `return()` must free the file or connection even when nothing was read,
   * and so must the call's signal.
   */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * What an adapter writes. `createStore` has checked keys, ranges, options and capabilities before a driver is called,
 * and afterwards checks lengths and digests, watches for stalls and wraps errors. A driver throws `StoreError`s with
 * the codes it can tell apart; anything else becomes `IO_ERROR`.
 */
export interface StoreDriver {
  /** Where the store is, without credentials. */
  readonly url: string
  /** What the driver can do; only what is true here is ever asked of it. */
  readonly capabilities: StoreCapabilities
  /** A further rule for keys, beside those that hold for every store. */
  readonly keyRule?: KeyRule | undefined
  /** The object's name for other tools. */
  locate(key: string): string
  /** Opens the object; undefined when there is none. */
  get(key: string, options: DriverGet): Promise<DriverObject | undefined>
  /** What is known of the object; undefined when there is none. */
  head(key: string, options: DriverCall): Promise<ObjectInfo | undefined>
  /** Writes the whole body or nothing. When iterating `body` throws, nothing may become visible. */
  put(key: string, body: AsyncIterable<Uint8Array>, options: DriverPut): Promise<PutResult>
  /** The objects whose keys start with `prefix`, in UTF-8 byte order. */
  list(prefix: string, options: DriverCall): AsyncIterable<Entry>
  /** Removes at most 1,000 objects; absent ones are no error. */
  delete(keys: readonly string[], options: DriverCall): Promise<void>
  /** Copies within the backend; undefined when `from` is absent. Without it the core reads and writes. */
  copy?(
    from: string,
    to: string,
    options: DriverCall & { readonly ifAbsent: boolean },
  ): Promise<PutResult | undefined>
}
