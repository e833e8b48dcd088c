import { Readable } from 'node:stream'
import type { BlobDownloadResponseParsed } from '@azure/storage-blob'
import { StoreError } from '@prefect-ts/store'
import type { DriverInfo, DriverObject } from '@prefect-ts/store'
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

/** An opened blob, whose answer must be the very range that was asked for. */
export function blobBody(
  response: BlobDownloadResponseParsed,
  start: number,
  length: number | undefined,
  fail: (failure: AzureFailure) => StoreError,
): DriverObject {
  const stream = response.readableStreamBody
  if (stream === undefined) throw new StoreError('The server gave no content', { code: 'IO_ERROR' })
  const source = stream instanceof Readable ? stream : Readable.from(stream)
  // It may fail before anybody reads it; its iterator reports it later anyway.
  source.on('error', () => undefined)
  const isPart = start > 0 || length !== undefined
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.contentRange ?? '')
  if (isPart && Number(range?.[1]) !== start) {
    source.destroy()
    throw new StoreError('The server answered with another range than asked for', {
      code: 'IO_ERROR',
    })
  }
  const size = Number(range?.[2] ?? response.contentLength ?? 0)
  const md5 = isPart ? response.blobContentMD5 : (response.contentMD5 ?? response.blobContentMD5)
  const chunks = source[Symbol.asyncIterator]()
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        const step = await chunks.next()
        if (step.done === true) return { done: true, value: undefined }
        const value: unknown = step.value
        if (value instanceof Uint8Array) return { done: false, value }
        throw new TypeError('text instead of bytes')
      } catch (error) {
        throw fail(failureOf(error))
      }
    },
    return() {
      source.destroy()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { ...infoOf(response, size, md5), body: { [Symbol.asyncIterator]: () => iterator } }
}
