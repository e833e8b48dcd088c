// node list-server.ts: a bucket of as many objects as the prefix says (`100000/`); prints its port. No server lists
// 100,000 keys fast enough to see what a client costs: rclone reads the folder again for every page.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const pageSize = 1_000
const keyOf = (prefix: string, index: number): string =>
  `${prefix}${String(index).padStart(8, '0')}`

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const prefix = query.get('prefix') ?? ''
  const start = Number(query.get('continuation-token') ?? 0)
  const end = Math.min(Number.parseInt(prefix, 10), start + pageSize)
  const isLast = end === Number.parseInt(prefix, 10)
  let body = '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>'
  for (let index = start; index < end; index++) {
    body += `<Contents><Key>${keyOf(prefix, index)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents>`
  }
  body += isLast ? '' : `<NextContinuationToken>${end}</NextContinuationToken>`
  body += `<IsTruncated>${!isLast}</IsTruncated></ListBucketResult>`
  response.writeHead(200, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify((server.address() as AddressInfo).port))
})
