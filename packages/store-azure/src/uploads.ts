import { createHash, randomBytes } from 'node:crypto'
import type { Hash } from 'node:crypto'
import type { BlobClient, BlobHTTPHeaders, BlobRequestConditions } from '@azure/storage-blob'
import { StoreError } from '@prefect-ts/store'
import type { DriverMultipart, DriverPut, StoreDriver } from '@prefect-ts/store'
import { failureOf } from './azure-error.ts'
import type { AzureFailure } from './azure-error.ts'
import { toAzureMetadata } from './metadata.ts'

const partSize = 8 * 1024 * 1024

/** An upload in blocks: the digest of its content, which parts join in their order. */
interface Upload {
  readonly digest: Hash
  /** The part that comes next into the digest, and what came before its turn. */
  next: number
}

/**
 * Writing: one Put Blob for what fits into a part, else blocks and their list. The server checks each request's MD5;
 * that of the whole content is kept with the blob. Blocks bear the upload's own random id, so that two writers' blocks
 * never mix.
 */
export function createUploads(
  blobOf: (key: string) => Promise<BlobClient>,
  fail: (failure: AzureFailure, verb: string, key?: string) => StoreError,
): { put: StoreDriver['put']; multipart: DriverMultipart } {
  const uploads = new Map<string, Upload>()

  async function attempt<T>(work: Promise<T>, key: string, options: DriverPut): Promise<T> {
    try {
      return await work
    } catch (error) {
      options.signal.throwIfAborted()
      throw explain(failureOf(error), key, options)
    }
  }

  function explain(
    failure: AzureFailure,
    key: string,
    { ifAbsent, ifMatch }: DriverPut,
  ): StoreError {
    const { status, code } = failure
    // Someone else's list of blocks throws ours away: a condition can't hold any more then.
    const isConflict = status === 412 || (status === 400 && code === 'InvalidBlockList')
    const isGone = status === 404 && code === 'BlobNotFound'
    const isTaken = status === 409 && code === 'BlobAlreadyExists'
    if (ifAbsent && (isConflict || isTaken)) {
      return new StoreError(fail(failure, 'write', key).message, { code: 'ALREADY_EXISTS', key })
    }
    if (ifMatch !== undefined && (isConflict || isGone)) {
      return new StoreError(fail(failure, 'write', key).message, {
        code: 'PRECONDITION_FAILED',
        key,
      })
    }
    return fail(failure, 'write', key)
  }

  return {
    async put(key, body, options) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      const md5 = createHash('md5').update(bytes).digest()
      const blob = (await blobOf(key)).getBlockBlobClient()
      const sending = blob.upload(bytes, bytes.byteLength, {
        ...keep(options, md5),
        transactionalContentMD5: md5,
        abortSignal: options.signal,
        onProgress: () => options.touch(),
      })
      const { etag = '' } = await attempt(sending, key, options)
      return { etag, size: bytes.byteLength }
    },
    multipart: {
      partSize,
      maxParts: 50_000,
      concurrency: 4,
      begin() {
        const id = randomBytes(12).toString('hex')
        uploads.set(id, { digest: createHash('md5'), next: 1 })
        return Promise.resolve(id)
      },
      async part(key, id, { number, bytes }, options) {
        const upload = uploads.get(id)
        if (upload === undefined) throw new Error('the upload was given up')
        // The core begins parts in their order, and repeats one only after it was begun.
        if (upload.next === number) {
          upload.digest.update(bytes)
          upload.next++
        }
        const block = blockId(id, number)
        const blob = (await blobOf(key)).getBlockBlobClient()
        const sending = blob.stageBlock(block, bytes, bytes.byteLength, {
          transactionalContentMD5: createHash('md5').update(bytes).digest(),
          abortSignal: options.signal,
          onProgress: () => options.touch(),
        })
        await attempt(sending, key, options)
        return block
      },
      async complete(key, id, tags, options) {
        const upload = uploads.get(id)
        if (upload?.next !== tags.length + 1) throw new Error('parts are missing')
        const md5 = upload.digest.copy().digest()
        const blob = (await blobOf(key)).getBlockBlobClient()
        const committing = blob.commitBlockList([...tags], {
          ...keep(options, md5),
          abortSignal: options.signal,
        })
        const { etag = '' } = await attempt(committing, key, options)
        uploads.delete(id)
        return { etag }
      },
      abort(_key, id) {
        // Blocks without a list are never visible, can't be removed one by one, and go after a week.
        uploads.delete(id)
        return Promise.resolve()
      },
    },
  }
}

/** What is kept with the blob, and under which conditions it is written. */
function keep(
  { contentType, metadata, ifAbsent, ifMatch }: DriverPut,
  md5: Uint8Array,
): {
  blobHTTPHeaders: BlobHTTPHeaders
  metadata: Record<string, string>
  conditions: BlobRequestConditions
} {
  const conditions: BlobRequestConditions = {}
  if (ifAbsent) conditions.ifNoneMatch = '*'
  if (ifMatch !== undefined) conditions.ifMatch = ifMatch
  return {
    blobHTTPHeaders: {
      blobContentMD5: md5,
      ...(contentType === undefined ? {} : { blobContentType: contentType }),
    },
    metadata: toAzureMetadata(metadata),
    conditions,
  }
}

/** All block ids of a blob must be of one length. */
function blockId(upload: string, number: number): string {
  return Buffer.from(`${upload}-${String(number).padStart(6, '0')}`).toString('base64')
}
