import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stopProcess, venv } from '../../scripts/lib/prefect-server.ts'
import type { TestServer } from './process.ts'

// Node accepts whatever comes; Python leaves its queue of connections full.
const program = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
waiting = []
for _ in range(8):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(server.getsockname())
    waiting.append(client)
print(server.getsockname()[1], flush=True)
sys.stdin.read()
`

/** An address where no connection is ever made, nor refused. */
export async function startDeafServer(): Promise<TestServer> {
  const child = spawn(join(venv, 'bin/python'), ['-c', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    stop: () => stopProcess(child.pid),
  }
}
