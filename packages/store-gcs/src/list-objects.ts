import { StoreError } from '@prefect-ts/store'
import type { DriverCall, Entry } from '@prefect-ts/store'
import { isKey } from '@prefect-ts/store/adapter'
import { parseObject, recordOf } from './gcs-object.ts'
import type { ObjectNames } from './object-names.ts'
import type { GcsReply, Transport } from './transport.ts'

/**
 * The objects below a prefix, a page at a time.
 * @yields what a page says of the objects that keys lead to
 */
export async function* listObjects(
  bucket: string,
  names: ObjectNames,
  prefix: string,
  transport: Transport,
  call: DriverCall,
  fail: (reply: GcsReply, verb: string) => StoreError,
): AsyncGenerator<readonly Entry[]> {
  let token: string | undefined
  do {
    const query = new URLSearchParams({
      prefix: names.toNamePrefix(prefix),
      maxResults: '1000',
      fields: 'nextPageToken,items(name,size,generation,updated)',
      ...(token === undefined ? {} : { pageToken: token }),
    })
    const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o?${query.toString()}`
    const reply = await transport.send({ method: 'GET', path }, call)
    if (reply.status !== 200) throw fail(reply, 'list')
    const { items, nextPageToken } = recordOf(JSON.parse(reply.text))
    yield (Array.isArray(items) ? items : []).flatMap((item): Entry[] => {
      const { name, size, etag, lastModified } = parseObject(item)
      const key = names.toKey(name, prefix)
      const isOurs = key !== undefined && isKey(key) && key.startsWith(prefix)
      return isOurs ? [{ key, size, etag, lastModified }] : []
    })
    if (nextPageToken && nextPageToken === token) {
      const message = `Cannot list the bucket ${bucket}: the server gave the same page again`
      throw new StoreError(message, { code: 'IO_ERROR' })
    }
    token = typeof nextPageToken === 'string' && nextPageToken !== '' ? nextPageToken : undefined
  } while (token !== undefined)
}
