import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { later, transportTo } from './setup.ts'

// In a process of its own: this one stands still while the server closes its connections.
const script = `let connections = 0
const server = require('node:net').createServer((socket) => {
  connections += 1
  socket.on('error', () => {})
  // As uvicorn: without telling in a header.
  socket.setTimeout(300, () => socket.end())
  socket.on('data', (chunk) => {
    if (!String(chunk).endsWith('[]')) return
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\n' + connections)
  })
})
server.listen(0, '127.0.0.1', () => require('node:fs').writeSync(1, String(server.address().port)))`

test('after work that held the process still, no call goes out on a connection that the server closed', async () => {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  later(() => child.kill('SIGKILL'))
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const transport = transportTo(`http://127.0.0.1:${port.toString()}/api`)
  const logs = { method: 'POST', template: '/logs/', body: [] }
  expect(await transport.send(logs)).toBe(1)
  for (const connections of [2, 3]) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    expect(await transport.send(logs)).toBe(connections)
  }
})
