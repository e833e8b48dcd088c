import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { StoreError } from '@prefect-ts/store'
import type { DriverCall, Entry, StoreDriver } from '@prefect-ts/store'
import { isKey } from '@prefect-ts/store/adapter'
import type { Connection } from './connection.ts'
import type { ObjectNames } from './object-names.ts'
import { s3Error } from './s3-error.ts'
import { quoteEtag, toSecond } from './s3-object.ts'
import { sendOptions } from './send-options.ts'

/**
 * The objects below a prefix, a page at a time with the next one on its way. A page that can't be told from a broken one
 * fails: keys that a listing leaves out would be taken for absent.
 * @yields what a page says of its objects
 */
export async function* listObjects(
  bucket: string,
  names: ObjectNames,
  prefix: string,
  url: string,
  open: () => Promise<Connection>,
  head: StoreDriver['head'],
  call: DriverCall,
): AsyncGenerator<readonly Entry[]> {
  const namePrefix = names.toNamePrefix(prefix)
  const seen = new Set<string>()
  let last: string | undefined
  // A reader that stops early waits for no page.
  const left = new AbortController()
  const signal = AbortSignal.any([call.signal, left.signal])
  try {
    let page: ListObjectsV2CommandOutput | undefined = await load(undefined)
    while (page !== undefined) {
      const token = nextToken(page, seen, url)
      const next: Promise<ListObjectsV2CommandOutput> | undefined =
        token === undefined ? undefined : load(token)
      next?.catch(() => undefined)
      const entries = await read(page)
      // Not held while the reader works through it.
      page = undefined
      yield entries
      page = await next
    }
  } finally {
    left.abort()
  }

  async function read({
    Contents = [],
    EncodingType,
  }: ListObjectsV2CommandOutput): Promise<Entry[]> {
    const entries: Entry[] = []
    for (const { Key = '', Size, ETag, LastModified } of Contents) {
      const name = EncodingType === 'url' ? decode(Key) : Key
      if (!name.startsWith(namePrefix)) {
        throw broken(url, `the backend listed ${JSON.stringify(name)}, which was not asked for`)
      }
      const key = names.toKey(name, prefix)
      // rclone names an object twice in a row while it is being replaced.
      if (key === undefined || key === last || !isKey(key, names.keyRule)) continue
      last = key
      const etag = quoteEtag(ETag)
      if (etag !== '') {
        entries.push({ key, size: Size ?? Number.NaN, etag, lastModified: toSecond(LastModified) })
        continue
      }
      // rclone gives none while an object is being replaced.
      const found = await head(key, { ...call, signal })
      if (found === undefined) continue
      entries.push({ key, size: found.size, etag: found.etag, lastModified: found.lastModified })
    }
    return entries
  }

  async function load(token: string | undefined): Promise<ListObjectsV2CommandOutput> {
    const { client, sdk } = await open()
    try {
      const command = new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: namePrefix,
        // XML can't hold control characters.
        EncodingType: 'url',
        ContinuationToken: token,
      })
      return await client.send(command, sendOptions({ ...call, signal }))
    } catch (error) {
      throw s3Error(error, { verb: 'list', url })
    }
  }
}

function nextToken(
  page: ListObjectsV2CommandOutput,
  seen: Set<string>,
  url: string,
): string | undefined {
  const { IsTruncated, NextContinuationToken: token } = page
  if (IsTruncated === undefined) throw broken(url, 'the backend did not say whether there is more')
  if (!IsTruncated) return undefined
  if (token === undefined || token === '') {
    throw broken(url, 'the backend says that there is more and not where')
  }
  if (seen.has(token)) throw broken(url, 'the backend gives the same page again and again')
  seen.add(token)
  return token
}

function decode(key: string): string {
  return /[%+]/.test(key) ? decodeURIComponent(key.replaceAll('+', ' ')) : key
}

function broken(url: string, reason: string): StoreError {
  return new StoreError(`Cannot list ${url}: ${reason}`, { code: 'IO_ERROR' })
}
