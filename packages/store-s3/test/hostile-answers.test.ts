import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createS3Store } from '@prefect-ts/store-s3'
import { expect, it } from 'vitest'
import {
  aboutObject,
  sendEndless,
  unaskedParts,
  useHostileServer,
} from '../../../test/hostile-server.ts'
import { s3Keys } from '../../../test/servers/moto.ts'

const hostile = useHostileServer()

function open() {
  return createS3Store({
    bucket: 'b',
    endpoint: hostile.url,
    region: 'us-east-1',
    credentials: s3Keys,
    conditionalWrites: true,
  })
}

it.each(unaskedParts)('an answer %s is not taken for the object', async (_name, more) => {
  hostile.answer = (_request, response) => {
    response.writeHead(206, { ...aboutObject, ...more, 'content-length': 5 }).end('abcde')
  }
  await expect(open().get('k')).rejects.toMatchObject({ code: 'IO_ERROR' })
  const download = open().download('k', join(hostile.folder, 'k'))
  await expect(download).rejects.toMatchObject({ name: 'StoreError' })
  expect(await readdir(hostile.folder)).toEqual([])
})

it('a web server that says 200 to everything has stored nothing', async () => {
  hostile.answer = (_request, response) => response.writeHead(200).end('<html>welcome</html>')
  await expect(open().put('k', 'content')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('it has no etag'),
  })
  await expect(open().get('k')).rejects.toMatchObject({ code: 'IO_ERROR' })
  await expect(open().copy('k', 'l')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

it('a size that is not said is not 0', async () => {
  hostile.answer = (_request, response) => {
    response.writeHead(200, { ...aboutObject, 'transfer-encoding': 'chunked' }).end()
  }
  await expect(open().head('k')).rejects.toThrow(/gave no size/)
})

it('an object that is listed without its etag is looked at, and left out when it is gone', async () => {
  const listed = ['a', 'b', 'c', 'd'].map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified><ETag>${key === 'd' ? '"d"' : ''}</ETag></Contents>`,
  )
  hostile.answer = ({ url, method }, response) => {
    if (method === 'GET') {
      const head = '<ListBucketResult><IsTruncated>false</IsTruncated>'
      response.writeHead(200, { 'content-type': 'application/xml' })
      return response.end(`${head}${listed.join('')}</ListBucketResult>`)
    }
    if (url?.startsWith('/b/b') === true) return response.writeHead(404).end()
    return response.writeHead(200, { ...aboutObject, 'content-length': 7 }).end()
  }
  const entries = []
  for await (const { key, size, etag } of open().list()) entries.push({ key, size, etag })
  expect(entries).toEqual([
    { key: 'a', size: 7, etag: '"1"' },
    { key: 'c', size: 7, etag: '"1"' },
    { key: 'd', size: 1, etag: '"d"' },
  ])
})

it.each([
  [200, undefined, 'IO_ERROR'],
  [403, undefined, 'ACCESS_DENIED'],
  [403, 1e12, 'ACCESS_DENIED'],
])('an answer without an end is left (%d, length %d)', async (status, length, code) => {
  let pieces = 0
  hostile.answer = (_request, response) => {
    const headers = { ...aboutObject, 'content-type': 'application/xml' }
    response.writeHead(
      status,
      length === undefined ? headers : { ...headers, 'content-length': length },
    )
    sendEndless(response, (sent) => (pieces = sent))
  }
  const store = open()
  const calls = {
    list: () => store.list()[Symbol.asyncIterator]().next(),
    get: () => store.get('k'),
    range: () => store.get('k', { range: { offset: 0, length: 5 } }),
  }
  for (const call of status === 200 ? [calls.list] : Object.values(calls)) {
    pieces = 0
    await expect(call()).rejects.toMatchObject({ code })
    expect(pieces).toBeLessThan(150)
  }
})

it('what a server says can not steer a terminal, and an unreachable one is named', async () => {
  hostile.answer = (_request, response) => {
    const body = '<Error><Code>Bad\u001b[2J</Code><Message>\u001b]0;x\u0007 no</Message></Error>'
    response.writeHead(400, { 'content-type': 'application/xml' }).end(body)
  }
  const failure = await open()
    .get('k')
    .catch((error: unknown) => error)
  expect(String(failure)).toMatch(/HTTP 400/)
  // eslint-disable-next-line no-control-regex -- just these
  expect(String(failure)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  const nowhere = createS3Store({
    bucket: 'b',
    endpoint: 'http://127.0.0.1:1',
    credentials: s3Keys,
  })
  await expect(nowhere.head('k')).rejects.toThrow(/127\.0\.0\.1:1/)
})
