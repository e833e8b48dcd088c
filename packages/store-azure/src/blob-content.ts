import { Readable } from 'node:stream'
import type { BlobDownloadResponseParsed } from '@azure/storage-blob'
import { StoreError } from '@prefect-ts/store'
import type { DriverInfo, DriverObject } from '@prefect-ts/store'
import { pourStream } from '@prefect-ts/store/adapter'
import { failureOf } from './azure-error.ts'
import type { AzureFailure } from './azure-error.ts'
import { fromAzureMetadata } from './metadata.ts'

/** What answers about a blob have in common. */
export interface BlobProperties {
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
  readonly contentType?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** What is known of a blob. Throws when the answer lacks what every server gives. */
export function infoOf(
  blob: BlobProperties,
  size: number,
  md5: Uint8Array | undefined,
): DriverInfo {
  const { etag, lastModified, contentType, metadata } = blob
  if (etag === undefined || lastModified === undefined) {
    throw new StoreError('The server described a blob without its etag or time', {
      code: 'IO_ERROR',
    })
  }
  return {
    size,
    etag,
    lastModified,
    contentType,
    metadata: fromAzureMetadata(metadata),
    digest:
      md5 === undefined ? undefined : { algorithm: 'md5', hex: Buffer.from(md5).toString('hex') },
  }
}

/** What was asked for. */
export interface Asked {
  readonly start: number
  readonly length: number | undefined
  /** Whether nobody else gets hold of the content. */
  readonly isOwn: boolean
}

/** An opened blob, whose answer must be the very range that was asked for. */
export function blobBody(
  response: BlobDownloadResponseParsed,
  { start, length, isOwn }: Asked,
  fail: (failure: AzureFailure) => StoreError,
): DriverObject {
  const stream = response.readableStreamBody
  if (stream === undefined) throw new StoreError('The server gave no content', { code: 'IO_ERROR' })
  const source = stream instanceof Readable ? stream : Readable.from(stream)
  // It may fail before anybody reads it; its iterator reports it later anyway.
  source.on('error', () => undefined)
  const isPart = start > 0 || length !== undefined
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.contentRange ?? '')
  // Of a part nobody asked for it may be said nowhere of what.
  // eslint-disable-next-line no-underscore-dangle -- the SDK's name
  const isAsked = isPart ? Number(range?.[1]) === start : response._response.status === 200
  if (!isAsked) {
    source.destroy()
    throw new StoreError('The server answered with another range than asked for', {
      code: 'IO_ERROR',
    })
  }
  const size = Number(range?.[2] ?? response.contentLength ?? Number.NaN)
  const md5 = isPart ? response.blobContentMD5 : (response.contentMD5 ?? response.blobContentMD5)
  const ours = (error: unknown): never => {
    throw fail(failureOf(error))
  }
  const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => chunks.next().catch(ours),
    return() {
      source.destroy()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return {
    ...infoOf(response, size, md5),
    body: { [Symbol.asyncIterator]: () => iterator },
    ...(isOwn && { pour: (sink) => pourStream(source, sink).catch(ours) }),
  }
}
