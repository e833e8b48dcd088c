import { setTimeout as sleep } from 'node:timers/promises'
import { quoteKey, READ_AND_WRITE, StoreError } from '@prefect-ts/store'
import type { DriverCall, StoreDriver } from '@prefect-ts/store'
import { runConcurrently } from '@prefect-ts/store/adapter'
import { gcsError, isBucketMissing } from './gcs-error.ts'
import { objectFields, parseObject, recordOf } from './gcs-object.ts'
import type { GcsObject } from './gcs-object.ts'
import { listObjects } from './list-objects.ts'
import { objectBody } from './object-body.ts'
import type { ObjectNames } from './object-names.ts'
import type { ServiceAccount } from './service-account.ts'
import { signedUrl } from './signed-url.ts'
import type { GcsReply, Transport } from './transport.ts'
import { createUploads, mediaPath } from './uploads.ts'

const deletesAtATime = 16
const readAttempts = 20
const maxNameBytes = 1_024

/** The driver of a bucket, on Google's JSON API. */
export function createGcsDriver(
  bucket: string,
  names: ObjectNames,
  transport: Transport,
  signer: { readonly account: ServiceAccount; readonly endpoint: URL } | undefined,
): StoreDriver {
  const url = `gs://${bucket}/${names.toNamePrefix('')}`
  const objects = `/storage/v1/b/${encodeURIComponent(bucket)}/o`
  const pathOf = (key: string): string => `${objects}/${encodeURIComponent(names.toName(key))}`
  const uploads = createUploads(bucket, names, transport, fail)

  function fail(reply: GcsReply, verb: string, key?: string): StoreError {
    if (isBucketMissing(reply)) {
      const message = `Cannot ${verb}: the bucket ${bucket} does not exist`
      return new StoreError(message, { code: 'NOT_FOUND', key })
    }
    const subject = key === undefined ? url : `${quoteKey(key)} in ${url}`
    return gcsError(reply, `Cannot ${verb} ${subject}`, key)
  }

  async function head(key: string, call: DriverCall): Promise<GcsObject | undefined> {
    const path = `${pathOf(key)}?fields=${objectFields}`
    const reply = await transport.send({ method: 'GET', path }, call)
    if (reply.status === 404 && !isBucketMissing(reply)) return undefined
    if (reply.status !== 200) throw fail(reply, 'inspect', key)
    return parseObject(JSON.parse(reply.text))
  }

  async function remove(key: string, call: DriverCall): Promise<void> {
    const reply = await transport.send({ method: 'DELETE', path: pathOf(key) }, call)
    const isGone = reply.status === 404 && !isBucketMissing(reply)
    if (reply.status !== 204 && reply.status !== 200 && !isGone) throw fail(reply, 'delete', key)
  }

  return {
    ...(signer && {
      signUrl: (key, { method = 'GET', expiresInMs = 0 }) =>
        signedUrl(
          signer.account,
          { ...signer, bucket, name: names.toName(key) },
          { method, expiresInMs },
        ),
    }),
    url,
    capabilities: {
      ifAbsent: true,
      ifMatch: true,
      metadata: true,
      range: true,
      signUrl: signer !== undefined,
    },
    keyRule(key) {
      if (Buffer.byteLength(names.toName(key)) > maxNameBytes) {
        return `the object's name would be longer than ${maxNameBytes} bytes`
      }
      return names.keyRule?.(key)
    },
    locate: (key) => `gs://${bucket}/${names.toName(key)}`,
    head,
    async get(key, options) {
      // The JSON API gives metadata apart from content. An object replaced between the two is asked for again.
      for (let attempt = 1; ; attempt++) {
        const object = await head(key, options)
        if (object === undefined) return undefined
        const path = mediaPath(bucket, object)
        const opened = await objectBody(transport, path, object, options)
        if ('body' in opened) return { ...object, ...opened }
        if (opened.refused.status !== 404) throw fail(opened.refused, 'read', key)
        if (attempt === readAttempts) {
          const message = `Cannot read ${quoteKey(key)} in ${url}: it is replaced faster than it can be read`
          throw new StoreError(message, { code: 'UNAVAILABLE', key })
        }
        await sleep(attempt * 10 * Math.random(), undefined, { signal: options.signal })
      }
    },
    put: uploads.put,
    multipart: uploads.multipart,
    parallelRead: { rangeSize: 16 * 1024 * 1024, concurrency: 4 },
    list: (prefix, call) => listObjects(bucket, names, prefix, transport, call, fail),
    delete: (keys, call) =>
      runConcurrently(keys, deletesAtATime, call.signal, (key, signal) =>
        remove(key, { ...call, signal }),
      ),
    async copy(from, to, { ifAbsent, ...call }) {
      // Google takes a condition here too, but no server that tests can run does.
      if (ifAbsent) return READ_AND_WRITE
      const target = `${pathOf(from)}/rewriteTo${pathOf(to).slice('/storage/v1'.length)}`
      for (let rewrite = ''; ;) {
        const path = `${target}?fields=done,rewriteToken,resource(${objectFields})${rewrite}`
        const reply = await transport.send({ method: 'POST', path }, call)
        if (reply.status === 404 && !isBucketMissing(reply)) return undefined
        if (reply.status !== 200) throw fail(reply, 'copy', from)
        const answer = recordOf(JSON.parse(reply.text))
        if (answer['done'] === true) {
          const { etag, size } = parseObject(answer['resource'])
          return { etag, size }
        }
        rewrite = `&rewriteToken=${encodeURIComponent(String(answer['rewriteToken']))}`
      }
    },
  }
}
