// Answers every request with 1 KiB of JSON; prints its port.
import { createServer } from 'node:http'

const body = JSON.stringify({ name: 'x'.repeat(1000) })
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, headers).end(body)
}).listen(0, '127.0.0.1', () => console.log(server.address().port))
