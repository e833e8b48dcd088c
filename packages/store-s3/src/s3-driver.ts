import { READ_AND_WRITE } from '@prefect-ts/store'
import type {
  DriverCall,
  DriverGet,
  DriverInfo,
  DriverObject,
  StoreDriver,
} from '@prefect-ts/store'
import { emptyBody } from '@prefect-ts/store/adapter'
import type { Connection } from './connection.ts'
import { deleteObjects } from './delete-objects.ts'
import { listObjects } from './list-objects.ts'
import type { ObjectNames } from './object-names.ts'
import { probe, trusted } from './probe.ts'
import { errorName, errorStatus, s3Error } from './s3-error.ts'
import type { Failed } from './s3-error.ts'
import { contentOf, etagOf, infoOf, rangeHeader, wholeSize } from './s3-object.ts'
import { sign } from './sign.ts'
import { sendOptions } from './send-options.ts'
import { createUploads } from './uploads.ts'

const maxKeyBytes = 1_024
const maxCopyBytes = 5 * 1024 ** 3

/** The driver of a bucket. Nothing is loaded or sent before the first call. */
export function createS3Driver(
  bucket: string,
  names: ObjectNames,
  open: () => Promise<Connection>,
  conditionalWrites: boolean | undefined,
): StoreDriver {
  const url = `s3://${bucket}/${names.toNamePrefix('')}`
  const target = (key: string) => ({ Bucket: bucket, Key: names.toName(key) })

  async function head(key: string, call: DriverCall): Promise<DriverInfo | undefined> {
    const { client, sdk } = await open()
    try {
      const command = new sdk.HeadObjectCommand({ ...target(key), ChecksumMode: 'ENABLED' })
      const answer = await client.send(command, sendOptions(call))
      // Refused by the core when it is not said: 0 would be taken for a size.
      return infoOf(answer, answer.ContentLength ?? Number.NaN)
    } catch (error) {
      // Without a body a missing bucket looks the same.
      if (errorStatus(error) === 404) return undefined
      throw s3Error(error, { verb: 'inspect', url, key })
    }
  }

  async function get(
    key: string,
    options: DriverGet,
    range = options.range,
  ): Promise<DriverObject | undefined> {
    const { ifMatch } = options
    const failed: Failed = { verb: 'read', url, key }
    const header = rangeHeader(range)
    if (header === 'empty') return await headOnly(key, options)
    const { client, sdk } = await open()
    try {
      const command = new sdk.GetObjectCommand({ ...target(key), Range: header, IfMatch: ifMatch })
      const answer = await client.send(command, sendOptions(options))
      const content = contentOf(answer, failed)
      try {
        return { ...infoOf(answer, wholeSize(answer, range)), ...content }
      } catch (error) {
        await content.body[Symbol.asyncIterator]().return?.()
        throw error
      }
    } catch (error) {
      if (errorStatus(error) === 416) {
        const found = await headOnly(key, options)
        // Some servers take a suffix that is longer than the object for one that lies outside of it.
        const isAll = range !== undefined && 'suffixLength' in range && (found?.size ?? 0) > 0
        return isAll ? await get(key, options, { offset: 0 }) : found
      }
      if (errorStatus(error) === 404 && errorName(error) !== 'NoSuchBucket') return undefined
      throw s3Error(error, failed)
    }
  }

  async function headOnly(key: string, call: DriverCall): Promise<DriverObject | undefined> {
    const found = await head(key, call)
    return found && { ...found, body: emptyBody() }
  }

  return {
    url,
    capabilities: {
      ifAbsent: conditionalWrites ?? true,
      ifMatch: conditionalWrites ?? true,
      metadata: true,
      range: true,
      signUrl: true,
    },
    keyRule(key) {
      if (Buffer.byteLength(names.toName(key)) > maxKeyBytes) {
        return `the object's key would be longer than ${maxKeyBytes} bytes`
      }
      return names.keyRule?.(key)
    },
    locate: (key) => `s3://${bucket}/${names.toName(key)}`,
    head,
    get: (key, options) => get(key, options),
    ...createUploads(
      target,
      url,
      open,
      conditionalWrites === true ? trusted : probe(target, url, open),
    ),
    parallelRead: { rangeSize: 8 * 1024 * 1024, concurrency: 8 },
    list: (prefix, call) => listObjects(bucket, names, prefix, url, open, head, call),
    delete: (keys, call) => deleteObjects(bucket, names, keys, url, open, call),
    async copy(from, to, { ifAbsent, ...call }) {
      const found = await head(from, call)
      if (found === undefined) return undefined
      // A condition on a copy is too new for servers to know, and one of more than 5 GiB is refused.
      if (ifAbsent || found.size > maxCopyBytes) return READ_AND_WRITE
      const { size, etag } = found
      if (names.toName(from) === names.toName(to)) return { size, etag }
      const { client, sdk } = await open()
      const source = `${bucket}/${names.toName(from)}`.split('/').map(encodeURIComponent).join('/')
      try {
        const command = new sdk.CopyObjectCommand({
          ...target(to),
          CopySource: source,
          CopySourceIfMatch: etag,
        })
        const answer = await client.send(command, sendOptions(call))
        return { size, etag: etagOf(answer.CopyObjectResult) }
      } catch (error) {
        throw s3Error(error, { verb: 'copy', url, key: from })
      }
    },
    async signUrl(key, { method, expiresInMs }) {
      try {
        return await sign(await open(), target(key), method ?? 'GET', expiresInMs ?? 0)
      } catch (error) {
        throw s3Error(error, { verb: 'sign a URL for', url, key })
      }
    },
  }
}
