import { StoreError } from '@prefect-ts/store'
import type { DriverCall, Entry } from '@prefect-ts/store'
import { isKey } from '@prefect-ts/store/adapter'
import { failureOf } from './azure-error.ts'
import type { AzureFailure } from './azure-error.ts'
import type { BlobNames } from './blob-names.ts'
import { inByteOrder } from './byte-order.ts'
import type { AzureConnection } from './connection.ts'

/**
 * The blobs below a prefix, in UTF-8 byte order.
 * @yields what a listing says of a blob that a key leads to
 */
export async function* listBlobs(
  connection: AzureConnection,
  names: BlobNames,
  prefix: string,
  call: DriverCall,
  fail: (failure: AzureFailure, verb: string) => StoreError,
): AsyncGenerator<Entry> {
  try {
    yield* inByteOrder(entries())
  } catch (error) {
    call.signal.throwIfAborted()
    throw error instanceof StoreError ? error : fail(failureOf(error), 'list')
  }

  async function* entries(): AsyncGenerator<Entry> {
    const client = await connection.open()
    const options = { prefix: names.toNamePrefix(prefix), abortSignal: call.signal }
    let token: string | undefined
    for await (const page of client.listBlobsFlat(options).byPage({ maxPageSize: 5_000 })) {
      call.touch()
      for (const { name, properties } of page.segment.blobItems) {
        const key = names.toKey(name)
        if (key === undefined || !key.startsWith(prefix) || !isKey(key, names.keyRule)) continue
        const { contentLength: size = Number.NaN, lastModified, etag } = properties
        // Listings have it without the quotes of the header.
        yield { key, size, lastModified, etag: `"${etag.replaceAll('"', '')}"` }
      }
      if (page.continuationToken && page.continuationToken === token) {
        const message = `Cannot list ${client.containerName}: the server gave the same page again`
        throw new StoreError(message, { code: 'IO_ERROR' })
      }
      token = page.continuationToken
    }
  }
}
