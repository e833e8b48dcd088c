import type { BlobClient } from '@azure/storage-blob'
import { quoteKey, StoreError } from '@prefect-ts/store'
import type {
  ByteRange,
  DriverCall,
  DriverInfo,
  DriverObject,
  StoreDriver,
} from '@prefect-ts/store'
import { emptyBody, rangeBounds, runConcurrently } from '@prefect-ts/store/adapter'
import { azureError, failureOf, isBlobMissing, isContainerMissing } from './azure-error.ts'
import type { AzureFailure } from './azure-error.ts'
import { blobBody, infoOf } from './blob-content.ts'
import type { BlobNames } from './blob-names.ts'
import type { AzureConnection } from './connection.ts'
import { listBlobs } from './list-blobs.ts'
import { createUploads } from './uploads.ts'

const deletesAtATime = 16

/** The driver of a container, on Azure's SDK. */
export function createAzureDriver(
  container: string,
  names: BlobNames,
  connection: AzureConnection,
): StoreDriver {
  const url = `az://${container}/${names.toNamePrefix('')}`
  const uploads = createUploads(blobOf, fail)

  async function blobOf(key: string): Promise<BlobClient> {
    return (await connection.open()).getBlobClient(names.toName(key))
  }

  function fail(failure: AzureFailure, verb: string, key?: string): StoreError {
    if (isContainerMissing(failure)) {
      const message = `Cannot ${verb}: the container ${container} does not exist`
      return new StoreError(message, { code: 'NOT_FOUND', key })
    }
    const subject = key === undefined ? url : `${quoteKey(key)} in ${url}`
    return azureError(failure, `Cannot ${verb} ${subject}`, key)
  }

  /** What the SDK answers; undefined when there is no such blob. Its errors become ours. */
  async function attempt<T>(
    work: Promise<T>,
    verb: string,
    key: string,
    call: DriverCall,
  ): Promise<T | undefined> {
    try {
      return await work
    } catch (error) {
      call.signal.throwIfAborted()
      const failure = failureOf(error)
      if (isBlobMissing(failure)) return undefined
      throw fail(failure, verb, key)
    }
  }

  async function head(key: string, call: DriverCall): Promise<DriverInfo | undefined> {
    const blob = await blobOf(key)
    const found = await attempt(
      blob.getProperties({ abortSignal: call.signal }),
      'inspect',
      key,
      call,
    )
    return found && infoOf(found, found.contentLength ?? Number.NaN, found.contentMD5)
  }

  async function download(
    key: string,
    start: number,
    length: number | undefined,
    call: DriverCall,
    etag?: string,
  ): Promise<DriverObject | 'empty' | undefined> {
    const blob = await blobOf(key)
    try {
      const conditions = etag === undefined ? {} : { ifMatch: etag }
      const options = { abortSignal: call.signal, conditions, maxRetryRequests: 0 }
      const response = await blob.download(start, length, options)
      call.touch()
      const asked = { start, length, isOwn: connection.isOwn }
      return blobBody(response, asked, (failure) => fail(failure, 'read', key))
    } catch (error) {
      call.signal.throwIfAborted()
      const failure = failureOf(error)
      if (failure.status === 416) return 'empty'
      if (isBlobMissing(failure)) return undefined
      throw error instanceof StoreError ? error : fail(failure, 'read', key)
    }
  }

  return {
    url,
    capabilities: {
      ifAbsent: true,
      ifMatch: true,
      metadata: true,
      range: true,
      signUrl: connection.canSign,
    },
    keyRule: (key) => names.keyRule(key),
    locate: (key) => `az://${container}/${names.toName(key)}`,
    head,
    async get(key, call) {
      const { range } = call
      // A range that asks for nothing or from the end needs the size first.
      const first = range === undefined || isPlain(range) ? rangeBounds(range, Infinity) : undefined
      if (first !== undefined) {
        const [start, end] = first
        const length = end === Infinity ? undefined : end - start
        const object = await download(key, start, length, call)
        if (object !== 'empty') return object
      }
      const info = await head(key, call)
      if (info === undefined) return undefined
      const [start, end] = rangeBounds(range, info.size)
      if (start >= end) return { ...info, body: emptyBody() }
      const object = await download(key, start, end - start, call, info.etag)
      if (object !== 'empty') return object
      throw new StoreError(`Cannot read ${quoteKey(key)}: it was replaced meanwhile`, {
        code: 'UNAVAILABLE',
        key,
      })
    },
    put: uploads.put,
    multipart: uploads.multipart,
    parallelRead: { rangeSize: 16 * 1024 * 1024, concurrency: 4 },
    list: (prefix, call) => listBlobs(connection, names, prefix, call, fail),
    delete: (keys, call) =>
      runConcurrently(keys, deletesAtATime, call.signal, async (key, abortSignal) => {
        const removal = (await blobOf(key)).delete({ abortSignal, deleteSnapshots: 'include' })
        await attempt(removal, 'delete', key, { ...call, signal: abortSignal })
        call.touch()
      }),
    async signUrl(key, { method, expiresInMs }) {
      const { BlobSASPermissions } = await import('@azure/storage-blob')
      const permissions = BlobSASPermissions.parse(method === 'GET' ? 'r' : 'cw')
      const expiresOn = new Date(Date.now() + (expiresInMs ?? 0))
      return await (await blobOf(key)).generateSasUrl({ permissions, expiresOn })
    },
  }
}

function isPlain(range: ByteRange): boolean {
  return !('suffixLength' in range) && range.length !== 0
}
