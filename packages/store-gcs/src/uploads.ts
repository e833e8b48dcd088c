import { randomUUID } from 'node:crypto'
import { quoteKey, StoreError } from '@prefect-ts/store'
import type {
  DriverCall,
  DriverMultipart,
  DriverPart,
  DriverPut,
  PutResult,
  StoreDriver,
} from '@prefect-ts/store'
import { createDigest } from '@prefect-ts/store/adapter'
import type { DigestStream } from '@prefect-ts/store/adapter'
import { isTransient } from './gcs-error.ts'
import { base64Of, etagOf, generationOf, objectFields, parseObject } from './gcs-object.ts'
import type { GcsObject } from './gcs-object.ts'
import type { ObjectNames } from './object-names.ts'
import type { GcsReply, Transport } from './transport.ts'

// A multiple of 256 KiB, as Google wants of all parts but the last. One part waits for the one before: larger ones wait less.
const partSize = 16 * 1024 * 1024

/** A resumable upload under way. */
interface Session {
  readonly digest: DigestStream
  /** The part whose bytes are in the digest, and that was sent at least once. */
  part: number
}

/** Path of an object's content, of this very version. */
export function mediaPath(bucket: string, { name, generation }: GcsObject): string {
  const path = `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
  return `${path}?alt=media&generation=${generation}`
}

/** Writing: one request for what fits into a part, else a resumable session. Both declare the CRC32C beforehand. */
export function createUploads(
  bucket: string,
  names: ObjectNames,
  transport: Transport,
  fail: (reply: GcsReply, verb: string, key?: string) => StoreError,
): { put: StoreDriver['put']; multipart: DriverMultipart } {
  const sessions = new Map<string, Session>()
  const upload = `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`

  function query(type: string, key: string, options: DriverPut): string {
    const parameters: Record<string, string> = { uploadType: type, name: names.toName(key) }
    const generation = options.ifMatch === undefined ? undefined : generationOf(options.ifMatch)
    if (options.ifMatch !== undefined && generation === undefined) throw conflict(key, options)
    if (generation !== undefined) parameters['ifGenerationMatch'] = generation
    if (options.ifAbsent) parameters['ifGenerationMatch'] = '0'
    return `${upload}?${new URLSearchParams({ ...parameters, fields: objectFields }).toString()}`
  }

  /** The object in a reply, whose content is what we sent; if not, it is removed. */
  async function accept(
    reply: GcsReply,
    key: string,
    options: DriverPut,
    sent: { readonly size: number; readonly crc32c: string },
  ): Promise<PutResult> {
    if (reply.status === 412) throw conflict(key, options)
    if (reply.status !== 200 && reply.status !== 201) throw fail(reply, 'write', key)
    const object = parseObject(JSON.parse(reply.text))
    const isSame = object.crc32c === undefined || object.crc32c === sent.crc32c
    if (object.size === sent.size && isSame)
      return { etag: etagOf(object.generation), size: sent.size }
    const removal = await transport.send(
      { method: 'DELETE', path: mediaPath(bucket, object).replace('alt=media&', '') },
      options,
    )
    const outcome = removal.status < 300 ? 'it was removed' : 'it could not be removed'
    throw new StoreError(
      `Cannot write ${quoteKey(key)}: the server stored another content than was sent (${object.size} of ${sent.size} bytes); ${outcome}`,
      { code: object.size === sent.size ? 'DIGEST_MISMATCH' : 'LENGTH_MISMATCH', key },
    )
  }

  async function put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options: DriverPut,
  ): Promise<PutResult> {
    const chunks: Uint8Array[] = []
    const digest = await createDigest('crc32c')
    let size = 0
    for await (const chunk of body) {
      digest.update(chunk)
      chunks.push(chunk)
      size += chunk.byteLength
    }
    const crc32c = digest.hex()
    const boundary = `prefect-ts-${randomUUID()}`
    const json = resource(options, { crc32c: base64Of(crc32c) })
    const type = options.contentType ?? 'application/octet-stream'
    const path = query('multipart', key, options)
    const reply = await transport.send(
      {
        method: 'POST',
        path,
        headers: { 'content-type': `multipart/related; boundary=${boundary}` },
        body: [
          Buffer.from(
            `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${json}\r\n` +
              `--${boundary}\r\ncontent-type: ${type}\r\n\r\n`,
          ),
          ...chunks,
          Buffer.from(`\r\n--${boundary}--\r\n`),
        ],
      },
      options,
    )
    return await accept(reply, key, options, { size, crc32c })
  }

  async function part(
    key: string,
    id: string,
    { number, offset, bytes, isLast }: DriverPart,
    options: DriverPut,
  ): Promise<string> {
    const session = sessions.get(id)
    if (session === undefined) throw new Error('the upload was given up')
    const end = offset + bytes.byteLength
    const isRepeated = session.part === number
    if (!isRepeated) {
      session.digest.update(bytes)
      session.part = number
    }
    const crc32c = session.digest.hex()
    const sent = { size: end, crc32c }
    const total = isLast ? String(end) : '*'
    let position = offset
    if (isRepeated) {
      const reply = await ask(id, key, { 'content-range': 'bytes */*' }, [], options)
      if (reply.status !== 308) return (await accept(reply, key, options, sent)).etag
      position = persisted(reply)
    }
    if (position === end && !isLast) return ''
    do {
      if (position < offset || position > end) {
        throw new Error(`the server has ${position} bytes, not ${offset} to ${end}`)
      }
      const rest = bytes.subarray(position - offset)
      const headers: Record<string, string> = {
        'content-range': `bytes ${rest.byteLength === 0 ? '*' : `${position}-${end - 1}`}/${total}`,
      }
      if (isLast) headers['x-goog-hash'] = `crc32c=${base64Of(crc32c)}`
      const reply = await ask(id, key, headers, [rest], options)
      if (reply.status !== 308) return (await accept(reply, key, options, sent)).etag
      const now = persisted(reply)
      if (now <= position)
        throw new StoreError('the server took no bytes', { code: 'UNAVAILABLE', key })
      position = now
    } while (position < end)
    return ''
  }

  /** One request to a session, without repetition: the core repeats the part. */
  async function ask(
    id: string,
    key: string,
    headers: Record<string, string>,
    body: readonly Uint8Array[],
    call: DriverCall,
  ): Promise<GcsReply> {
    const reply = await transport.sendOnce({ method: 'PUT', path: id, headers, body }, call)
    if (isTransient(reply.status)) throw fail(reply, 'write', key)
    if (reply.status === 404 || reply.status === 410) {
      // Ended by the server, or by our own last part of which the answer was lost: the core looks which.
      const message = `Cannot write ${quoteKey(key)}: the server ended the upload (HTTP ${reply.status})`
      throw new StoreError(message, { code: 'UNAVAILABLE', key })
    }
    return reply
  }

  return {
    put,
    multipart: {
      partSize,
      maxParts: Infinity,
      concurrency: 1,
      async begin(key, options) {
        const headers: Record<string, string> = {
          'content-type': 'application/json; charset=UTF-8',
        }
        if (options.contentType !== undefined)
          headers['x-upload-content-type'] = options.contentType
        if (options.size !== undefined) headers['x-upload-content-length'] = String(options.size)
        const path = query('resumable', key, options)
        const body = [Buffer.from(resource(options))]
        const reply = await transport.send({ method: 'POST', path, headers, body }, options)
        if (reply.status === 412) throw conflict(key, options)
        const { location } = reply.headers
        if (reply.status !== 200 || location === undefined) throw fail(reply, 'write', key)
        // Only its path: the token goes to no other host than the one that it was made for.
        const { pathname, search } = new URL(location, 'https://storage.googleapis.com')
        const id = pathname + search
        sessions.set(id, { digest: await createDigest('crc32c'), part: 0 })
        return id
      },
      part,
      complete(_key, id, tags) {
        sessions.delete(id)
        return Promise.resolve({ etag: tags.at(-1) ?? '' })
      },
      async abort(_key, id, call) {
        sessions.delete(id)
        // 499 is Google's answer when it worked; others say that there is none any more.
        await transport.send({ method: 'DELETE', path: id }, call)
      },
    },
  }
}

/** What is to be kept beside the content, as the JSON API takes it. */
function resource(options: DriverPut, more: Record<string, string> = {}): string {
  const { contentType, metadata } = options
  return JSON.stringify({
    ...(contentType === undefined ? {} : { contentType }),
    metadata,
    ...more,
  })
}

/** How many bytes of a session the server says that it has. */
function persisted(reply: GcsReply): number {
  const last = /^bytes=0-(\d+)$/.exec(reply.headers.range ?? '')?.[1]
  return last === undefined ? 0 : Number(last) + 1
}

function conflict(key: string, { ifAbsent }: DriverPut): StoreError {
  const reason = ifAbsent ? 'it exists already' : 'it is not the version asked for'
  return new StoreError(`Cannot write ${quoteKey(key)}: ${reason}`, {
    code: ifAbsent ? 'ALREADY_EXISTS' : 'PRECONDITION_FAILED',
    key,
  })
}
