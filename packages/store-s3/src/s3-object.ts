import type { GetObjectCommandOutput, HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ByteRange, Digest, DriverInfo, DriverObject } from '@prefect-ts/store'
import { isPourable } from './direct-answers.ts'
import { s3Error, unclearAnswer } from './s3-error.ts'
import type { Failed } from './s3-error.ts'

/** What the answer to a head or get says of the object. */
export function infoOf(
  answer: HeadObjectCommandOutput | GetObjectCommandOutput,
  size: number,
): DriverInfo {
  return {
    size,
    etag: quoteEtag(answer.ETag),
    lastModified: toSecond(answer.LastModified),
    contentType: answer.ContentType,
    metadata: { ...answer.Metadata },
    digest: digestOf(answer),
  }
}

/** An etag with its quotes, which some servers leave out in some answers. */
export function quoteEtag(etag: string | undefined): string {
  return etag === undefined || etag === '' || etag.includes('"') ? (etag ?? '') : `"${etag}"`
}

/** The etag that the answer to a write has when it was done: an error in its place has none. */
export function etagOf(answer: { readonly ETag?: string | undefined } | undefined): string {
  const etag = quoteEtag(answer?.ETag)
  if (etag === '') throw unclearAnswer('etag')
  return etag
}

/** A listing has milliseconds where a head has none. */
export function toSecond(date: Date | undefined): Date {
  const ms = date?.getTime() ?? 0
  return date !== undefined && ms % 1000 === 0 ? date : new Date(Math.floor(ms / 1000) * 1000)
}

const checksums = [
  ['ChecksumSHA256', 'sha256'],
  ['ChecksumSHA1', 'sha1'],
  ['ChecksumCRC32', 'crc32'],
  ['ChecksumCRC32C', 'crc32c'],
] as const

/**
 * The digest of the whole content. Of the checksums only those that are said to be of the whole object; an etag is the
 * MD5 of an object that was not written in parts and is not encrypted with a key of its own (as rclone and s5cmd read it).
 */
function digestOf(answer: HeadObjectCommandOutput | GetObjectCommandOutput): Digest | undefined {
  const md5 = /^"?([0-9a-f]{32})"?$/.exec(answer.ETag ?? '')?.[1]
  for (const [name, algorithm] of checksums) {
    const value = answer[name]
    const isWhole = answer.ChecksumType === 'FULL_OBJECT' || md5 !== undefined
    if (value === undefined || value.includes('-') || !isWhole) continue
    return { algorithm, hex: Buffer.from(value, 'base64').toString('hex') }
  }
  const isEncrypted =
    answer.ServerSideEncryption?.startsWith('aws:') === true ||
    answer.SSECustomerAlgorithm !== undefined
  return md5 === undefined || isEncrypted ? undefined : { algorithm: 'md5', hex: md5 }
}

/** The Range header for a range; `empty` for one of no bytes, which HTTP can't ask for. */
export function rangeHeader(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined
  if ('suffixLength' in range) {
    return range.suffixLength === 0 ? 'empty' : `bytes=-${range.suffixLength}`
  }
  const { offset, length } = range
  if (length === 0) return 'empty'
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`
}

/** The size of the whole object, once it is sure that the answer holds the range that was asked for. */
export function wholeSize(answer: GetObjectCommandOutput, range: ByteRange | undefined): number {
  const length = answer.ContentLength
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? []
  // What is said to be a part, and not which, may be any.
  const isPart = answer.$metadata.httpStatusCode === 206 || answer.ContentRange !== undefined
  if (range === undefined) {
    if (length === undefined) throw new Error('the server did not say how long the object is')
    if (!isPart || (Number(first) === 0 && Number(total) === length)) return length
    throw new Error('the server gave a part of the object, which was not asked for')
  }
  if (first === undefined || total === undefined) {
    // Some servers answer plainly when the range is all of a small object.
    const isAll = 'offset' in range && range.offset === 0 && length !== undefined && !isPart
    if (isAll && (range.length === undefined || length <= range.length)) return length
    throw new Error('the server ignored the range that was asked for')
  }
  const start = 'offset' in range ? range.offset : Math.max(0, Number(total) - range.suffixLength)
  if (Number(first) === start) return Number(total)
  throw new Error('the server gave another range than was asked for')
}

/** The content of an answer. Lets go of the connection also when nothing was read. */
export function contentOf(
  answer: GetObjectCommandOutput,
  failed: Failed,
): Pick<DriverObject, 'body' | 'pour'> {
  const stream = answer.Body as unknown as AsyncIterable<Uint8Array> & { destroy?(): void }
  const iterator = (): AsyncIterator<Uint8Array> => {
    const chunks = stream[Symbol.asyncIterator]()
    return {
      async next() {
        try {
          return await chunks.next()
        } catch (error) {
          throw s3Error(error, failed)
        }
      },
      return() {
        stream.destroy?.()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
  const body = { [Symbol.asyncIterator]: iterator }
  if (!isPourable(stream)) return { body }
  return {
    body,
    async pour(sink) {
      try {
        await stream.pour(sink)
      } catch (error) {
        throw s3Error(error, failed)
      }
    },
  }
}
