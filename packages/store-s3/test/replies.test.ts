import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { createS3Store } from '@prefect-ts/store-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { s3Keys } from '../../../test/servers/moto.ts'
import { startRecorder } from './recorder.ts'
import type { Recorded, Recorder } from './recorder.ts'
import { makeStore, servers } from './servers.ts'

let recorder: Recorder

beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.stop())
beforeEach(() => {
  recorder.seen.length = 0
})

function open() {
  return createS3Store({
    bucket: 'b',
    folder: 'f',
    endpoint: `http://127.0.0.1:${recorder.port}`,
    region: 'us-east-1',
    credentials: { ...s3Keys, sessionToken: 'session-canary' },
    conditionalWrites: true,
    stallTimeoutMs: 5_000,
  })
}

const xml = (body: string, status = 200) => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
})

const pageOf = (listed: string[], rest: string): string =>
  `<ListBucketResult>${listed
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><Size>1</Size><ETag>"1"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`,
    )
    .join('')}${rest}</ListBucketResult>`

async function keys(): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of open().list()) found.push(key)
  return found
}

const more = (token: string): string =>
  `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`

describe('a listing that is not complete fails', () => {
  const end = '<IsTruncated>false</IsTruncated>'
  const cases: [name: string, pages: string[], message: RegExp][] = [
    ['more, and not where', [pageOf(['f/a'], '<IsTruncated>true</IsTruncated>')], /not where/],
    ['not said whether there is more', [pageOf(['f/a'], '')], /did not say/],
    ['the same token again', [pageOf(['f/a'], more('t')), pageOf(['f/b'], more('t'))], /the same/],
    [
      'the same page again',
      [pageOf(['f/a', 'f/b'], more('t')), pageOf(['f/a', 'f/b'], end)],
      /out of/,
    ],
    ['a key that was not asked for', [pageOf(['f/a', 'other/x'], end)], /not asked for/],
    ['no listing at all', ['<html>login</html>'], /did not say/],
    ['an error under a good status', ['<Error><Code>InternalError</Code></Error>'], /Cannot list/],
  ]

  it.each(cases)('%s', async (_name, pages, message) => {
    let page = 0
    recorder.answer = () => xml(pages[page++ % pages.length] ?? '')
    await expect(keys()).rejects.toThrow(message)
    await expect(keys()).rejects.toMatchObject({ name: 'StoreError' })
  })

  it('and one of two pages, keys in URL encoding, is whole', async () => {
    let page = 0
    const url = '<EncodingType>url</EncodingType>'
    recorder.answer = () =>
      xml(
        page++ === 0
          ? pageOf(['f/a%2Bb+c', 'f/d%01'], more('t') + url)
          : pageOf(['f/e%25', 'f/f//g', 'f/..'], end + url),
      )
    // The last two are no keys of this store.
    expect(await keys()).toEqual(['a+b c', 'd\u0001', 'e%'])
  })
})

const isOfNext = ({ url }: Recorded): boolean => url.includes('continuation-token')

describe('the next page, asked for while the reader works through this one', () => {
  it('tells of its failure only when the reader gets there', async () => {
    recorder.answer = (request) =>
      isOfNext(request)
        ? xml('<Error><Code>AccessDenied</Code></Error>', 403)
        : xml(pageOf(['f/a', 'f/b'], more('t')))
    const found: string[] = []
    const reading = (async () => {
      for await (const { key } of open().list()) {
        found.push(key)
        // The failure is there long before the second key is asked for.
        await expect.poll(() => recorder.seen.some(isOfNext)).toBe(true)
        await sleep(50)
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(found).toEqual(['a', 'b'])
  })

  it('is never more than one, and is given up with the listing', async () => {
    let pages = 0
    recorder.answer = () => xml(pageOf([`f/${pages}`], more(`t${++pages}`)))
    const server = recorder.hold(isOfNext)
    for await (const { key } of open().list()) {
      expect(key).toBe('0')
      await expect.poll(() => server.held()).toBe(1)
      break
    }
    await expect.poll(() => server.dropped()).toBe(1)
    expect(server.held()).toBe(1)
    recorder.hold(() => false)
  })
})

describe('an error under a good status', () => {
  const failure = '<Error><Code>InternalError</Code><Message>please try again</Message></Error>'

  it('fails a copy', async () => {
    const found = { status: 200, headers: { etag: '"1"' }, body: 'xx' }
    recorder.answer = ({ method, url }) => {
      if (method !== 'HEAD') return xml(failure)
      return url.endsWith('/from') ? found : { status: 404 }
    }
    await expect(open().copy('from', 'to')).rejects.toMatchObject({ name: 'StoreError' })
  })

  it('fails a write in parts, which is aborted', async () => {
    recorder.answer = ({ method, url }) => {
      if (method === 'POST' && url.includes('uploads')) {
        return xml(
          '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
        )
      }
      if (method === 'PUT') return { status: 200, headers: { etag: '"p"' } }
      if (method === 'POST') return xml(failure)
      return { status: method === 'DELETE' ? 204 : 404 }
    }
    const write = open().put('k', new Uint8Array(9_000_000))
    await expect(write).rejects.toMatchObject({ name: 'StoreError', key: 'k' })
    expect(recorder.seen.filter(isComplete).length).toBeGreaterThan(1)
    expect(recorder.seen.filter(({ method }) => method === 'DELETE').length).toBe(1)
  })
})

function isComplete({ method, url }: Recorded): boolean {
  return method === 'POST' && url.includes('uploadId=')
}

it('what a delete of many left is an error that names it', async () => {
  recorder.answer = () =>
    xml('<DeleteResult><Error><Key>f/b</Key><Code>AccessDenied</Code></Error></DeleteResult>')
  await expect(open().delete(['a', 'b'])).rejects.toMatchObject({ code: 'ACCESS_DENIED', key: 'b' })
  expect(recorder.seen[0]?.headers['content-md5']).toMatch(/^[A-Za-z0-9+/]{22}==$/)
})

it('errors tell code, status and request, and no secret, however they are shown', async () => {
  recorder.answer = () => ({
    ...xml('<Error><Code>AccessDenied</Code><Message>no</Message></Error>', 403),
    headers: { 'x-amz-request-id': 'R123', 'content-type': 'application/xml' },
  })
  const error: unknown = await open()
    .put('k', 'x')
    .catch((reason: unknown) => reason)
  expect(String(error)).toMatch(/Cannot write "k" in s3:\/\/b\/f\/: access denied .*HTTP 403.*R123/)
  const shown = [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    String(error),
  ]
  expect(shown.filter((text) => /session-canary|test-secret-key/.test(text))).toEqual([])
})

describe('conditions on a server that ignores them', () => {
  it('are refused, whole or in parts, and nothing is overwritten', async () => {
    const server = await servers['rclone']?.()
    try {
      const store = await makeStore(server?.url ?? '')
      const { etag } = await store.put('k', 'old')
      for (const body of ['new', Buffer.alloc(9_000_000)]) {
        await expect(store.put('k', body, { ifAbsent: true })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
        })
        await expect(store.put('k', body, { ifMatch: etag })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
        })
      }
      expect(await new Response((await store.get('k'))?.body).text()).toBe('old')
      const left: string[] = []
      for await (const { key } of store.list()) left.push(key)
      expect(left).toEqual(['k'])
    } finally {
      await server?.stop()
    }
  })

  it('only in parts and only one of them, are refused just there', async () => {
    const server = await servers['moto']?.()
    try {
      const store = await makeStore(server?.url ?? '')
      const { etag } = await store.put('k', 'old')
      const large = Buffer.alloc(9_000_000)
      await expect(store.put('k', large, { ifMatch: etag })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
      await store.put('k', 'new', { ifMatch: etag })
      await store.put('fresh', large, { ifAbsent: true })
      await expect(store.put('fresh', large, { ifAbsent: true })).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      })
    } finally {
      await server?.stop()
    }
  })
})

it('a bucket that does not exist is an error where S3 says so', async () => {
  const server = await servers['moto']?.()
  try {
    const store = createS3Store({
      bucket: 'no-such-bucket',
      endpoint: server?.url,
      credentials: s3Keys,
    })
    for (const work of [() => store.put('k', 'x'), () => store.get('k')]) {
      await expect(work()).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(work()).rejects.toThrow(/the bucket does not exist/)
    }
  } finally {
    await server?.stop()
  }
})
