/** What a backend can do. An operation that needs a missing one rejects with `UNSUPPORTED`. */
export interface StoreCapabilities {
  /** `put` and `copy` with `ifAbsent`: of several writers exactly one wins. */
  readonly ifAbsent: boolean
  /** `put` with `ifMatch`: compare and swap on the object's etag. */
  readonly ifMatch: boolean
  /** `contentType` and `metadata` are kept with the object. */
  readonly metadata: boolean
  /** `get` with `range`. */
  readonly range: boolean
  /** `signUrl`. */
  readonly signUrl: boolean
}

/** A digest of a whole content, in lower-case hex. */
export interface Digest {
  /** How it is computed. */
  readonly algorithm: 'sha256' | 'sha1' | 'md5' | 'crc32' | 'crc32c'
  /** The digest in hex. */
  readonly hex: string
}

/** What is known of an object without reading it. */
export interface ObjectInfo {
  /** Size of the whole object in bytes. */
  readonly size: number
  /** Changes whenever the content changes. Opaque; compare it with `===` within one store only. */
  readonly etag: string
  /** When the object was last written, by the backend's clock. */
  readonly lastModified: Date
  /** The media type given to `put`, or undefined when the backend holds none. */
  readonly contentType: string | undefined
  /** The metadata given to `put`; empty when there is none or the backend keeps none. */
  readonly metadata: Readonly<Record<string, string>>
}

/** An object and its content. */
export interface StoreObject extends ObjectInfo {
  /**
   * The content, or the part of it that `range` asked for, read from the backend as fast as it is consumed.
   * It fails with `LENGTH_MISMATCH` instead of ending early, and with `DIGEST_MISMATCH` at its end when it is not
   * what was written and a digest is known. Read it to its end or `cancel()` it: it holds a
   * file or a connection.
   */
  readonly body: ReadableStream<Uint8Array>
}

/** One line of a listing. */
export interface Entry {
  /** The object's key. */
  readonly key: string
  /** Size in bytes. */
  readonly size: number
  /** The same etag as `head` gives. */
  readonly etag: string
  /** When the object was last written, by the backend's clock. */
  readonly lastModified: Date
}

/** What `put`, `copy` and `upload` resolve with. */
export interface PutResult {
  /** The etag of what was written. */
  readonly etag: string
  /** Bytes written. */
  readonly size: number
}

/**
 * Part of an object: from `offset` on (to the end without `length`), or its last `suffixLength` bytes.
 * What lies past the end of the object is left out, never padded and never an error.
 */
export type ByteRange =
  | { readonly offset: number; readonly length?: number | undefined }
  | { readonly suffixLength: number }

/** What `put` takes as content. Text is written as UTF-8; a Node `Readable` is an async iterable. */
export type StoreBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>

/** How far a transfer has come. */
export interface Progress {
  /** Bytes moved so far. */
  readonly bytes: number
  /** Bytes to move in all, or undefined when a stream did not say. */
  readonly total: number | undefined
}

/** Options of every operation. */
export interface StoreCallOptions {
  /** Ends the operation, which then rejects with the signal's reason and leaves nothing partial. */
  signal?: AbortSignal | undefined
}

/** Options of operations that move content. */
export interface TransferOptions extends StoreCallOptions {
  /** Called after every chunk. An error it throws ends the transfer. */
  onProgress?: ((progress: Progress) => void) | undefined
}

/** Options of `get`. Progress is told as the body is read, of the part that `range` asks for. */
export interface GetOptions extends TransferOptions {
  /** Read only this part. Needs the capability `range`. */
  range?: ByteRange | undefined
  /** Reject with `PRECONDITION_FAILED` unless the object has this etag. */
  ifMatch?: string | undefined
}

/** Options of `put`. */
export interface PutOptions extends TransferOptions {
  /** Write only when there is no such object, else reject with `ALREADY_EXISTS`. Needs the capability. */
  ifAbsent?: boolean | undefined
  /** Write only when the object has this etag, else reject with `PRECONDITION_FAILED`. Needs the capability. */
  ifMatch?: string | undefined
  /** Media type to keep with the object. Needs the capability `metadata`. */
  contentType?: string | undefined
  /** Kept with the object. Names of `a-z`, `0-9` and `-`, values of printable ASCII. Needs the capability. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** Bytes that the body must have; a shorter or longer one rejects with `LENGTH_MISMATCH`, nothing written. */
  size?: number | undefined
  /** SHA-256 in hex that the body must have; another one rejects with `DIGEST_MISMATCH`, nothing written. */
  sha256?: string | undefined
}

/** Options of `upload`: those of `put`, but the size is the file's. */
export type UploadOptions = Omit<PutOptions, 'size'>

/** Options of `download`. */
export interface DownloadOptions extends TransferOptions {
  /** Reject with `PRECONDITION_FAILED` unless the object has this etag. */
  ifMatch?: string | undefined
  /** SHA-256 in hex that the content must have; with another one the file is not touched. */
  sha256?: string | undefined
}

/** What `download` resolves with. */
export interface DownloadResult extends ObjectInfo {
  /**
   * Whether the content was checked against a digest: your `sha256`, the one it was written with, or one that the
   * backend keeps. Length and version are always checked.
   */
  readonly verified: boolean
}

/** Options of `signUrl`. */
export interface SignUrlOptions extends StoreCallOptions {
  /** What the holder may do. @default 'GET' */
  method?: 'GET' | 'PUT' | undefined
  /** How long the URL is good for, in milliseconds. @default 900_000 */
  expiresInMs?: number | undefined
}

/** Options of `list`. */
export interface ListOptions extends StoreCallOptions {
  /** Only keys that start with these characters, which need not end at a `/`. @default '' */
  prefix?: string | undefined
}

/** Options of `copy`. */
export interface CopyOptions extends TransferOptions {
  /** Write only when there is no object at the target, else reject with `ALREADY_EXISTS`. Needs the capability. */
  ifAbsent?: boolean | undefined
}

/**
 * Objects by key. Keys are relative paths with `/`; one that is empty, starts with `/`, has a `.` or `..` segment,
 * a NUL or half a surrogate pair is refused with `INVALID_KEY`. All failures are `StoreError`s, except the signal's
 * reason and errors of the caller's own body.
 */
export interface Store {
  /** Where the store is, for messages: `file:///…`, `s3://…`, `memory://…`. Holds no credentials. */
  readonly url: string
  /** What this store can do. */
  readonly capabilities: StoreCapabilities
  /** The object and its content, or undefined when there is none. */
  get(key: string, options?: GetOptions): Promise<StoreObject | undefined>
  /** What is known of the object, or undefined when there is none. */
  head(key: string, options?: StoreCallOptions): Promise<ObjectInfo | undefined>
  /** Writes the object whole or not at all; readers see the old content or the new, never a mix. */
  put(key: string, body: StoreBody, options?: PutOptions): Promise<PutResult>
  /** The objects in UTF-8 byte order of their keys, fetched as they are consumed. */
  list(options?: ListOptions): AsyncIterable<Entry>
  /** Removes one object or many. An absent one is no error. */
  delete(keys: string | readonly string[], options?: StoreCallOptions): Promise<void>
  /** Copies content, content type and metadata. Rejects with `NOT_FOUND` when `from` is absent. */
  copy(from: string, to: string, options?: CopyOptions): Promise<PutResult>
  /**
   * Writes the object to a file, which appears whole or not at all (temporary file, fsync, rename). What breaks off
   * is resumed, always within one version of the object: one replaced meanwhile rejects with `PRECONDITION_FAILED`.
   * Missing folders are made. Rejects with `NOT_FOUND` when the object is absent.
   */
  download(key: string, file: string, options?: DownloadOptions): Promise<DownloadResult>
  /** Writes a file's content to the object. Rejects with `LENGTH_MISMATCH` when the file grows or shrinks meanwhile. */
  upload(file: string, key: string, options?: UploadOptions): Promise<PutResult>
  /** The object's name for other tools: an absolute path, `s3://…`. The object need not exist. */
  locate(key: string): string
}
