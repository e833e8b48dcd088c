import { setTimeout as sleep } from 'node:timers/promises'
import type { DriverMultipart, DriverPut, StoreDriver } from '@prefect-ts/store'
import type { Connection } from './connection.ts'
import type { ConditionCheck } from './probe.ts'
import { errorName, s3Error, unclearAnswer } from './s3-error.ts'
import type { Failed } from './s3-error.ts'
import { etagOf, toSecond } from './s3-object.ts'
import { sendOptions } from './send-options.ts'

const partSize = 8 * 1024 * 1024
const conflictAttempts = 6

/** How objects are written: whole, or in parts. */
export function createUploads(
  target: (key: string) => { readonly Bucket: string; readonly Key: string },
  url: string,
  open: () => Promise<Connection>,
  checkConditions: ConditionCheck,
): Pick<StoreDriver, 'put'> & { readonly multipart: DriverMultipart } {
  const failed = (key: string, write: DriverPut, verb = 'write'): Failed => ({
    verb,
    url,
    key,
    write,
  })

  return {
    async put(key, body, options) {
      await checkConditions(options, 'whole')
      const { client, sdk } = await open()
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      for (let attempt = 1; ; attempt++) {
        try {
          const command = new sdk.PutObjectCommand({
            ...target(key),
            ...keptOf(options),
            ...conditionOf(options),
            Body: bytes,
            ContentLength: bytes.byteLength,
          })
          const answer = await client.send(command, sendOptions(options))
          return { etag: etagOf(answer), size: bytes.byteLength }
        } catch (error) {
          // S3 has not decided between two writers of the same moment, and asks to be asked again.
          const isUndecided = errorName(error) === 'ConditionalRequestConflict'
          if (!isUndecided || attempt === conflictAttempts)
            throw s3Error(error, failed(key, options))
          await sleep(50 * 2 ** attempt * Math.random(), undefined, { signal: options.signal })
        }
      }
    },

    multipart: {
      partSize,
      maxParts: 10_000,
      concurrency: 4,
      async begin(key, options) {
        await checkConditions(options, 'in parts')
        const { client, sdk, isAws } = await open()
        try {
          const command = new sdk.CreateMultipartUploadCommand({
            ...target(key),
            ...keptOf(options),
            ...(isAws ? { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } : {}),
          })
          const { UploadId: id } = await client.send(command, sendOptions(options))
          if (id === undefined || id === '') throw unclearAnswer('upload id')
          return id
        } catch (error) {
          throw s3Error(error, { verb: 'write', url, key })
        }
      },
      async part(key, id, { number, bytes }, options) {
        const { client, sdk } = await open()
        try {
          const command = new sdk.UploadPartCommand({
            ...target(key),
            UploadId: id,
            PartNumber: number,
            Body: bytes,
            ContentLength: bytes.byteLength,
          })
          const answer = await client.send(command, sendOptions(options))
          etagOf(answer)
          return JSON.stringify({ ETag: answer.ETag, ChecksumCRC32: answer.ChecksumCRC32 })
        } catch (error) {
          throw s3Error(error, { verb: `write part ${number} of`, url, key })
        }
      },
      async complete(key, id, tags, options) {
        const { client, sdk, isAws } = await open()
        try {
          const command = new sdk.CompleteMultipartUploadCommand({
            ...target(key),
            ...conditionOf(options),
            UploadId: id,
            ...(isAws ? { ChecksumType: 'FULL_OBJECT' } : {}),
            MultipartUpload: {
              Parts: tags.map((tag, index) => ({
                ...(JSON.parse(tag) as { ETag: string; ChecksumCRC32?: string }),
                PartNumber: index + 1,
              })),
            },
          })
          return { etag: etagOf(await client.send(command, sendOptions(options))) }
        } catch (error) {
          throw completeError(error, failed(key, options))
        }
      },
      async abort(key, id, call) {
        const { client, sdk } = await open()
        try {
          const command = new sdk.AbortMultipartUploadCommand({ ...target(key), UploadId: id })
          await client.send(command, sendOptions(call))
        } catch (error) {
          if (errorName(error) !== 'NoSuchUpload') {
            throw s3Error(error, { verb: 'abort the upload of', url, key })
          }
        }
      },
      async pending(key, call) {
        const { client, sdk } = await open()
        const { Bucket, Key } = target(key)
        try {
          const list = new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key })
          const { Uploads = [] } = await client.send(list, sendOptions(call))
          const found = []
          for (const { Key: name, UploadId: id, Initiated } of Uploads) {
            if (name !== Key || id === undefined) continue
            const parts = new sdk.ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 1 })
            const { Parts = [] } = await client.send(parts, sendOptions(call))
            found.push({ id, startedAt: toSecond(Initiated), hasParts: Parts.length > 0 })
          }
          return found
        } catch (error) {
          throw s3Error(error, { verb: 'list the pending uploads of', url, key })
        }
      },
    },
  }
}

/** Of an upload that is gone nobody knows whether an earlier attempt has completed it. */
function completeError(error: unknown, failed: Failed): Error {
  const name = errorName(error)
  if (name !== 'NoSuchUpload') return s3Error(error, failed)
  const write = { ifAbsent: true, ifMatch: undefined }
  return s3Error(
    Object.assign(new Error('the upload is gone'), { name, $metadata: { httpStatusCode: 500 } }),
    { ...failed, write },
  )
}

function keptOf({ contentType, metadata }: DriverPut) {
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    Metadata: { ...metadata },
  }
}

/** The headers of a write's conditions. */
export function conditionOf({ ifAbsent, ifMatch }: Pick<DriverPut, 'ifAbsent' | 'ifMatch'>): {
  IfNoneMatch?: string
  IfMatch?: string
} {
  return {
    ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
    ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
  }
}
