import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, isStoreError } from '@prefect-ts/store'
import { writeFileAtomically } from '@prefect-ts/store/files'
import type { Dataset } from './dataset.ts'
import { type Digest, countingBody, digestFile } from './digest.ts'
import { DatasetError } from './errors.ts'

/** The content that `latest` is to hold, readable as often as needed. */
export interface LatestContent extends Digest {
  /** Its rows, if known. */
  readonly rows: number | undefined
  /** Etag of the dated object with this content; `undefined` when only `latest` is written. */
  readonly datedEtag: string | undefined
  /** The content from its start; nothing is opened before it is iterated. */
  open(): AsyncIterable<Uint8Array | string>
}

/** A temporary folder for content that comes once but may be needed twice. */
export interface Spool {
  /** Path of the file in it. */
  readonly file: string
  /** Removes it. */
  remove(): Promise<void>
}

/** Makes a spool in the system's temporary folder. */
export async function createSpool(): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'prefect-ts-latest-'))
  return {
    file: join(folder, 'data'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Puts a stream into the spool's file, in constant memory. */
export async function fillSpool(
  spool: Spool,
  body: AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const counting = countingBody(body)
  await writeFileAtomically(spool.file, toBytes(counting.body), { signal })
  return counting.digest()
}

async function* toBytes(body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (typeof chunk === 'string' && chunk.isWellFormed()) yield Buffer.from(chunk)
    else if (chunk instanceof ArrayBuffer) yield new Uint8Array(chunk)
    else if (ArrayBuffer.isView(chunk)) {
      yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    } else {
      const what = typeof chunk === 'string' ? 'text with half a surrogate pair' : typeof chunk
      throw new DatasetError(`The stream to write gave ${what}, not bytes or text.`, {
        code: 'INVALID_SOURCE',
      })
    }
  }
}

/** A content in memory. */
export function memoryContent(
  body: string | ArrayBuffer | ArrayBufferView | Blob,
  digest: Digest,
  rows: number | undefined,
  datedEtag?: string,
): LatestContent {
  return {
    ...digest,
    rows,
    datedEtag,
    async *open() {
      if (body instanceof Blob) yield* body.stream()
      else if (typeof body === 'string') yield body
      else if (body instanceof ArrayBuffer) yield new Uint8Array(body)
      else yield new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    },
  }
}

/** A file as content. */
export function fileContent(
  file: string,
  digest: Digest,
  rows: number | undefined,
  datedEtag?: string,
): LatestContent {
  return {
    ...digest,
    rows,
    datedEtag,
    async *open() {
      yield* createReadStream(file, { highWaterMark: 1 << 20 })
    },
  }
}

/** What this write has put at the dated path. */
export interface DatedWrite extends Digest {
  readonly etag: string
  readonly rows: number | undefined
  /** The caller's body, when it can be read again. */
  readonly body:
    | string
    | ArrayBuffer
    | ArrayBufferView
    | Blob
    | { readonly file: string }
    | undefined
}

/**
 * The content that the dated object has now: what this write put there, or what another writer of the same day has
 * put over it meanwhile. `latest` is always made from the dated object, so the two can't end up different.
 */
export async function datedContent(
  store: Store,
  dataset: Dataset,
  written: DatedWrite,
  spool: () => Promise<Spool>,
  signal: AbortSignal | undefined,
): Promise<LatestContent> {
  const path = dataset.path
  for (;;) {
    const found = await store.head(path, { signal })
    if (found === undefined) {
      throw new DatasetError(
        `Dataset "${dataset.name}": "${path}" was deleted before latest could be made from it; latest is untouched.`,
        { code: 'NOT_FOUND', dataset: dataset.name },
      )
    }
    const { etag } = found
    if (etag === written.etag) return ownContent(store, path, written, signal)
    try {
      const { file } = await spool()
      await store.download(path, file, { ifMatch: etag, signal })
      return fileContent(file, await digestFile(file, signal), undefined, etag)
    } catch (error) {
      if (!isStoreError(error, 'PRECONDITION_FAILED', 'NOT_FOUND')) throw error
    }
  }
}

function ownContent(
  store: Store,
  path: string,
  written: DatedWrite,
  signal: AbortSignal | undefined,
): LatestContent {
  const { bytes, sha256, rows, etag, body } = written
  if (typeof body === 'object' && 'file' in body) return fileContent(body.file, written, rows, etag)
  if (body !== undefined) return memoryContent(body, written, rows, etag)
  return {
    bytes,
    sha256,
    rows,
    datedEtag: etag,
    async *open() {
      const found = await store.get(path, { ifMatch: etag, signal })
      if (found === undefined) {
        throw new DatasetError(`"${path}" was deleted before latest could be made from it.`, {
          code: 'NOT_FOUND',
        })
      }
      yield* found.body
    },
  }
}
